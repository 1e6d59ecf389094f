declare module 'dialogo:plugin/settings@0.1.0' {
  /**
   * The settings as JSON, already checked against the package's schema; `{}` when there are none. The same for all
   * calls of one generation of the rules.
   */
  export function json(): string;
  /**
   * A number that changes when the settings change.
   */
  export function revision(): bigint;
}
