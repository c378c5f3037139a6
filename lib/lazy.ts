/**
 * A value that is made when it is first asked for: tables that few programs need would take a good part of the time that it
 * takes to load the package.
 */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
