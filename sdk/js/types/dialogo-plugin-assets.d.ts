declare module 'dialogo:plugin/assets@0.1.0' {
  /**
   * The bytes of `assets/NAME`; none when the package has no such file.
   */
  export function read(name: string): Uint8Array | undefined;
}
