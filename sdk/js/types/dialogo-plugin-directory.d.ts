/// <reference path="./dialogo-plugin-types.d.ts" />
declare module 'dialogo:plugin/directory@0.1.0' {
  /**
   * All departments.
   */
  export function departments(): Array<Department>;
  /**
   * The active agents of a department, by its id; empty when there is no such department.
   */
  export function agents(department: string): Array<Agent>;
  export type Agent = import('dialogo:plugin/types@0.1.0').Agent;
  export type Department = import('dialogo:plugin/types@0.1.0').Department;
}
