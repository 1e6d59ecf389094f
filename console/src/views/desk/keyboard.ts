// What the keys of the whole desk do.
import type { Desk } from "../../live/desk.svelte";
import { dialogs } from "../../live/dialogs.svelte";
import { shortcut, type Shortcut } from "../../state/shortcuts";
import { focusComposer, shownReplies, shownSuggestions } from "../window/windows";

export function obey(event: KeyboardEvent, desk: Desk): void {
  const target = event.target;
  const writing = target instanceof HTMLElement && target.matches("input, textarea, [contenteditable]");
  const wanted = shortcut(event, writing);
  if (!wanted || dialogs.open) return;
  event.preventDefault();
  act(wanted, desk);
}

function act(wanted: Shortcut, desk: Desk): void {
  const conversation = desk.active;
  switch (wanted.act) {
    case "sheet":
      dialogs.show({ kind: "keys" });
      return;
    case "search":
      dialogs.show({ kind: "search" });
      return;
    case "window": {
      const id = desk.slots[wanted.at];
      if (id) go(desk, id);
      return;
    }
    case "next-unread":
      desk.goToNextUnread();
      if (desk.active) focusComposer(desk.active);
      return;
  }
  if (!conversation) return;
  switch (wanted.act) {
    case "finish":
    case "classify":
    case "transfer":
    case "person":
      dialogs.show({ kind: wanted.act, conversation });
      return;
    case "hold":
      void desk.toggleHold(conversation);
      return;
    case "note":
      desk.drafts.change(conversation, { note: !desk.drafts.of(conversation).note });
      focusComposer(conversation);
      return;
    case "accept": {
      const node = shownSuggestions(conversation)[wanted.at];
      if (node) void desk.accept(conversation, node);
      return;
    }
    case "reply": {
      const text = shownReplies(conversation)[wanted.at];
      if (text) desk.begin(conversation, text);
      focusComposer(conversation);
    }
  }
}

function go(desk: Desk, id: string): void {
  desk.goTo(id);
  focusComposer(id);
}
