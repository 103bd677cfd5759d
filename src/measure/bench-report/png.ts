import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Pixels of the picture for each of the drawing’s. */
const SCALE = 2;

/**
 * An SVG as PNG, with DejaVu’s letters whatever fonts the machine has.
 * @returns the bytes of the file
 */
export async function png(svg: string): Promise<Uint8Array> {
  const { Resvg } = await import('@resvg/resvg-js');
  const fonts = join(
    dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')),
    'ttf',
  );
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: SCALE },
    font: {
      loadSystemFonts: false,
      fontFiles: ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => join(fonts, name)),
      defaultFontFamily: 'DejaVu Sans',
      sansSerifFamily: 'DejaVu Sans',
    },
  });
  return picture.render().asPng();
}
