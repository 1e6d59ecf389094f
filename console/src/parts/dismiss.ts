import type { Attachment } from "svelte/attachments";

interface Popover {
  open: boolean;
  /** What opens it: gets the focus back after Escape. */
  opener: HTMLElement | undefined;
}

/** For the element around an opener and its panel: Escape, a press elsewhere or leaving it with Tab closes the panel. */
export function dismiss(popover: () => Popover, close: () => void): Attachment<HTMLElement> {
  return (root) => {
    const inside = (target: EventTarget | null) => target instanceof Node && root.contains(target);
    const press = (event: PointerEvent) => {
      if (popover().open && !inside(event.target)) close();
    };
    const leave = (event: FocusEvent) => {
      if (popover().open && event.relatedTarget && !inside(event.relatedTarget)) close();
    };
    const key = (event: KeyboardEvent) => {
      if (!popover().open || event.key !== "Escape") return;
      event.stopPropagation();
      close();
      popover().opener?.focus();
    };
    addEventListener("pointerdown", press);
    root.addEventListener("focusout", leave);
    root.addEventListener("keydown", key);
    return () => {
      removeEventListener("pointerdown", press);
      root.removeEventListener("focusout", leave);
      root.removeEventListener("keydown", key);
    };
  };
}
