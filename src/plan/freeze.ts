/** Freezes an object and all that it holds: a plan is never changed, nor a parse tree. */
export function freeze<T>(tree: T): T {
  if (typeof tree === 'object' && tree !== null && !Object.isFrozen(tree)) {
    Object.freeze(tree);
    for (const value of Object.values(tree)) freeze(value);
  }
  return tree;
}
