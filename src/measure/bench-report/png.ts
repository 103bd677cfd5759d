import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Pixels of the picture for each of the drawing’s. */
const SCALE = 2;
const FONTS = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'];

/** An SVG to the bytes of a PNG file, with DejaVu’s letters whatever fonts the machine has. */
export type PngRenderer = (svg: string) => Uint8Array;

/** Null where the packages that it takes, @resvg/resvg-js and dejavu-fonts-ttf, are not installed. */
export async function pngRenderer(): Promise<PngRenderer | null> {
  try {
    const { Resvg } = await import('@resvg/resvg-js');
    const fonts = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json');
    const fontFiles = FONTS.map((name) => join(dirname(fonts), 'ttf', name));
    return (svg) =>
      new Resvg(svg, {
        fitTo: { mode: 'zoom', value: SCALE },
        font: {
          loadSystemFonts: false,
          fontFiles,
          defaultFontFamily: 'DejaVu Sans',
          sansSerifFamily: 'DejaVu Sans',
        },
      })
        .render()
        .asPng();
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
}
