// The classification tree as the agent walks and searches it.
import type { Conversation, Node } from "../api/types";
import { fold, textIn } from "./text";

export interface Branch {
  node: Node;
  name: string;
  /** Names from the top, this one last. */
  path: string[];
  depth: number;
  leaf: boolean;
}

/** The nodes that may be chosen for a conversation, in the order of the tree. */
export function branches(nodes: Node[], conversation: Conversation, language: string): Branch[] {
  const usable = nodes.filter((node) => isFor(node, conversation));
  const children = new Map<string | undefined, Node[]>();
  for (const node of usable) {
    const parent = node.parent ?? undefined;
    children.set(parent, [...(children.get(parent) ?? []), node]);
  }
  const walk = (parent: string | undefined, path: string[]): Branch[] =>
    (children.get(parent) ?? []).flatMap((node) => {
      const name = textIn(node.name, language);
      const here = [...path, name];
      const below = walk(node.id, here);
      return [{ node, name, path: here, depth: path.length, leaf: below.length === 0 }, ...below];
    });
  return walk(undefined, []);
}

function isFor(node: Node, conversation: Conversation): boolean {
  const departments = node.departments ?? [];
  const channels = node.channels ?? [];
  const department = conversation.department;
  return (
    node.active &&
    (departments.length === 0 || (!!department && departments.includes(department))) &&
    (channels.length === 0 || channels.includes(conversation.channel))
  );
}

/** Those whose path holds every word looked for. */
export function search(all: Branch[], wanted: string): Branch[] {
  const words = fold(wanted).split(/\s+/).filter(Boolean);
  if (words.length === 0) return all;
  return all.filter((branch) => {
    const path = fold(branch.path.join(" "));
    return words.every((word) => path.includes(word));
  });
}

export function nameOf(nodes: Node[], id: string, language: string): string {
  const node = nodes.find((it) => it.id === id);
  return node ? textIn(node.name, language) : id;
}

/** Names from the top. */
export function pathOf(nodes: Node[], id: string, language: string): string[] {
  const path: string[] = [];
  for (let at = nodes.find((it) => it.id === id); at && path.length < 16; ) {
    path.unshift(textIn(at.name, language));
    const parent: string | null | undefined = at.parent;
    at = parent ? nodes.find((it) => it.id === parent) : undefined;
  }
  return path.length ? path : [id];
}
