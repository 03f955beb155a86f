// What the page takes from the files of others (web/vendor), as far as it uses it.

declare module 'preact' {
  export function h(name: unknown, props?: object | null, ...children: unknown[]): object;
  export function render(what: object, where: Element): void;
}

declare module 'preact/hooks' {
  type Given<T> = T | ((before: T) => T);
  export function useState<T = any>(first?: T | (() => T)): [T, (next: Given<T>) => void];
  export function useEffect(work: () => void | (() => void), inputs?: unknown[]): void;
  export function useLayoutEffect(work: () => void | (() => void), inputs?: unknown[]): void;
  export function useRef<T = any>(first?: T): { current: T };
  export function useMemo<T>(make: () => T, inputs: unknown[]): T;
  export function useErrorBoundary(tell: (error: Error) => void): [Error | undefined, () => void];
}

declare module 'htm' {
  const htm: { bind(make: Function): (strings: TemplateStringsArray, ...values: unknown[]) => any };
  export default htm;
}

declare module '@xterm/xterm' {
  export const Terminal: any;
}
declare module '@xterm/addon-fit' {
  export const FitAddon: any;
}
declare module '@xterm/addon-search' {
  export const SearchAddon: any;
}
declare module '@xterm/addon-unicode-graphemes' {
  export const UnicodeGraphemesAddon: any;
}
