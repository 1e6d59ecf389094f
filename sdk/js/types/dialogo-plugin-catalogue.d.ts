declare module 'dialogo:plugin/catalogue@0.1.0' {
  /**
   * A number that changes when the tree changes.
   */
  export function revision(): bigint;
  /**
   * The node with this id; none when there is none.
   */
  export function get(id: string): Node | undefined;
  /**
   * The nodes below `parent`, or at the top when none is given, in the tree's order.
   */
  export function children(parent: string | undefined): Array<Node>;
  /**
   * One node.
   */
  export interface Node {
    /**
     * Its id.
     */
    id: string,
    /**
     * Id of its mother; none at the top.
     */
    parent?: string,
    /**
     * Its title in the desk's language.
     */
    title: string,
    /**
     * Whether it may be chosen; nodes are switched off, never removed.
     */
    active: boolean,
    /**
     * Other words for it.
     */
    synonyms: Array<string>,
  }
}
