import { getContext, setContext } from "svelte";
import type { Desk } from "./desk.svelte";

const KEY = Symbol("desk");

export const provideDesk = (desk: Desk): Desk => setContext(KEY, desk);
/** The desk of the agent who is signed in: for components below `DeskView`. */
export const useDesk = (): Desk => getContext(KEY);
