// Files on their way in and out of the browser.
import type { Attachment } from "../../api/types";

const PICTURES = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"]);

export const isPicture = (file: Attachment): boolean => PICTURES.has(file.mime);

/** A short word for the kind of a file. */
export function kindOf(file: Attachment): string {
  const ending = /\.([\p{L}\p{N}]{1,5})$/u.exec(file.name)?.[1];
  return (ending ?? file.mime.split("/")[1] ?? "").slice(0, 5).toUpperCase();
}

export function save(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** What was dropped or pasted: the files, and null where a folder was among it. */
function filesOf(data: DataTransfer): File[] | null {
  const items = [...data.items].filter((it) => it.kind === "file");
  if (items.some((it) => it.webkitGetAsEntry()?.isDirectory)) return null;
  return [...data.files];
}

/** Takes dropped files anywhere in an element. */
export function dropZone(take: (files: File[] | null) => void, over: (is: boolean) => void) {
  return (element: HTMLElement) => {
    let depth = 0;
    const has = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent) => {
      if (has(event) && ++depth === 1) over(true);
    };
    const leave = (event: DragEvent) => {
      if (has(event) && --depth <= 0) end();
    };
    const end = () => {
      depth = 0;
      over(false);
    };
    const above = (event: DragEvent) => {
      if (has(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!event.dataTransfer || !has(event)) return;
      event.preventDefault();
      end();
      take(filesOf(event.dataTransfer));
    };
    const listeners = { dragenter: enter, dragleave: leave, dragover: above, drop } as const;
    for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener as EventListener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) element.removeEventListener(name, listener as EventListener);
    };
  };
}

export function pastedFiles(event: ClipboardEvent): File[] {
  return [...(event.clipboardData?.files ?? [])];
}
