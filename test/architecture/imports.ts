import ts from 'typescript';

/** What a module refers to, and the few globals that the rules restrict. */
export interface ModuleFacts {
  readonly references: readonly Reference[];
  /** True when the module holds nothing but `export … from`. */
  readonly onlyReexports: boolean;
  /** Relative import() beside a `using` declaration: tsc 6.0 leaves its .ts extension in the output. */
  readonly unbuildable: readonly string[];
  /** Restricted globals in use: Buffer, process, Math.random, Date.now, new Date(), performance.now. */
  readonly globals: ReadonlySet<string>;
}

export interface Reference {
  /** `url` is `new URL('…', import.meta.url)`, how a worker's file is named. */
  readonly kind: 'import' | 'url';
  /** Undefined: computed at run time, so that no test can follow it. */
  readonly specifier: string | undefined;
}

const GLOBALS = ['Math.random', 'Date.now', 'performance.now'];

/** Parses one TypeScript source. Type-only imports count: the rules are about who may know whom. */
export function factsOf(path: string, source: string): ModuleFacts {
  const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest, true);
  const references: Reference[] = [];
  const unbuildable: string[] = [];
  const globals = new Set<string>();
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) references.push(reference('import', node.moduleSpecifier));
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
      references.push(reference('import', node.moduleSpecifier));
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      references.push(reference('import', node.argument.literal));
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const { kind, specifier } = reference('import', node.arguments[0]);
      references.push({ kind, specifier });
      if (specifier?.startsWith('.') === true && besideUsing(node)) unbuildable.push(specifier);
    } else if (ts.isNewExpression(node) && isModuleUrl(node)) {
      const paths = relativePaths(node.arguments![0]!);
      for (const path of paths.length === 0 ? [undefined] : paths) {
        references.push({ kind: 'url', specifier: path });
      }
    } else if (ts.isNewExpression(node) && node.getText() === 'new Date()') {
      globals.add('new Date()');
    } else if (ts.isPropertyAccessExpression(node) && GLOBALS.includes(node.getText())) {
      globals.add(node.getText());
    } else if (ts.isIdentifier(node) && (node.text === 'Buffer' || node.text === 'process')) {
      if (!isMemberName(node)) globals.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  const onlyReexports =
    file.statements.length > 0 &&
    file.statements.every((s) => ts.isExportDeclaration(s) && s.moduleSpecifier !== undefined);
  return { references, onlyReexports, unbuildable, globals };
}

function reference(kind: Reference['kind'], node: ts.Node | undefined): Reference {
  const literal = node !== undefined && ts.isStringLiteralLike(node);
  return { kind, specifier: literal ? node.text : undefined };
}

/** True where a block around the node declares with `using`, which tsc rewrites as a whole. */
function besideUsing(node: ts.Node): boolean {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    const statements = ts.isBlock(at) || ts.isSourceFile(at) ? at.statements : [];
    for (const statement of statements) {
      if (!ts.isVariableStatement(statement)) continue;
      if ((statement.declarationList.flags & ts.NodeFlags.Using) !== 0) return true;
    }
  }
  return false;
}

function isModuleUrl(node: ts.NewExpression): boolean {
  return (
    node.expression.getText() === 'URL' && node.arguments?.[1]?.getText() === 'import.meta.url'
  );
}

/** Every relative path spelt inside an expression; a template counts by its head: `./worker${ext}`. */
function relativePaths(node: ts.Node): string[] {
  const found: string[] = [];
  const visit = (at: ts.Node): void => {
    if ((ts.isStringLiteralLike(at) || at.kind === ts.SyntaxKind.TemplateHead) && 'text' in at) {
      const text = String(at.text);
      if (text.startsWith('.') && text.includes('/')) found.push(text);
    }
    ts.forEachChild(at, visit);
  };
  visit(node);
  return found;
}

/** `x.process` or `{ process: 1 }` name a member, not the global. */
function isMemberName(node: ts.Identifier): boolean {
  const parent = node.parent;
  return (
    (ts.isPropertyAccessExpression(parent) && parent.name === node) ||
    ((ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) && parent.name === node)
  );
}
