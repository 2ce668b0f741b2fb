/** A compiled module; it can be sent to other threads. */
export type CompiledModule = object;

/** Functions that a module imports. */
export type Imports = Readonly<Record<string, (...values: never[]) => unknown>>;

/** The memory of an instance; the buffer is another one after it has grown. */
export interface Memory {
  readonly buffer: ArrayBuffer;
}

interface WebAssemblyApi {
  compile(bytes: Uint8Array): Promise<CompiledModule>;
  readonly Instance: new (
    module: CompiledModule,
    imports: Readonly<Record<string, Imports>>,
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

/** What Node's types lack of WebAssembly, as far as it is needed. */
export const webAssembly: WebAssemblyApi = (
  globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }
).WebAssembly;
