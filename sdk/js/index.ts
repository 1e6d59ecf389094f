/// <reference path="./types/dialogo-plugin-attachment-policy.d.ts" />
/// <reference path="./types/dialogo-plugin-assets.d.ts" />
/// <reference path="./types/dialogo-plugin-bot.d.ts" />
/// <reference path="./types/dialogo-plugin-catalogue.d.ts" />
/// <reference path="./types/dialogo-plugin-classifier.d.ts" />
/// <reference path="./types/dialogo-plugin-directory.d.ts" />
/// <reference path="./types/dialogo-plugin-emoji-policy.d.ts" />
/// <reference path="./types/dialogo-plugin-history.d.ts" />
/// <reference path="./types/dialogo-plugin-log.d.ts" />
/// <reference path="./types/dialogo-plugin-message-policy.d.ts" />
/// <reference path="./types/dialogo-plugin-observer.d.ts" />
/// <reference path="./types/dialogo-plugin-patterns.d.ts" />
/// <reference path="./types/dialogo-plugin-replies.d.ts" />
/// <reference path="./types/dialogo-plugin-settings.d.ts" />
/// <reference path="./types/dialogo-plugin-setup.d.ts" />
/// <reference path="./types/dialogo-plugin-transfer-rules.d.ts" />

/**
 * Write Dialogo plugins in JavaScript or TypeScript.
 *
 * A plugin's main module exports one constant per hook, made by the function of the same name here:
 *
 * ```ts
 * import * as dialogo from "dialogo-plugin";
 *
 * export const messagePolicy = dialogo.messagePolicy({
 *   check(context, conversation, message) {
 *     return message.text.includes("!") ? dialogo.deny(dialogo.explain("shouting", "no need to shout")) : dialogo.allow;
 *   },
 * });
 * ```
 *
 * There is no clock, no randomness, no network and no file: what a call may know comes in its arguments. Services of the
 * host that a plugin has permission for are imported by their name in the contract, for example
 * `import { find } from "dialogo:plugin/patterns@0.1.0"`.
 */

import { panicked, write } from "dialogo:plugin/log@0.1.0";
import { json } from "dialogo:plugin/settings@0.1.0";
import type { Explanation, Fact, PluginError } from "dialogo:plugin/types@0.1.0";

export type {
  Attachment,
  CallContext,
  Conversation,
  Emoji,
  Explanation,
  Fact,
  FactValue,
  Message,
  Participant,
  PluginError,
  Side,
} from "dialogo:plugin/types@0.1.0";
export type { Suggestion } from "dialogo:plugin/classifier@0.1.0";
export type { Edit } from "dialogo:plugin/message-policy@0.1.0";
export type { Problem } from "dialogo:plugin/setup@0.1.0";
export type { Action, QuickReply, Reply } from "dialogo:plugin/bot@0.1.0";
export type { CannedReply, SuggestedReply } from "dialogo:plugin/replies@0.1.0";

type Setup = Pick<typeof import("dialogo:plugin/setup@0.1.0"), "prepare">;
type Classifier = Pick<typeof import("dialogo:plugin/classifier@0.1.0"), "suggest">;
type TransferRules = Pick<typeof import("dialogo:plugin/transfer-rules@0.1.0"), "decide">;
type MessagePolicy = Pick<typeof import("dialogo:plugin/message-policy@0.1.0"), "check">;
type EmojiPolicy = Pick<typeof import("dialogo:plugin/emoji-policy@0.1.0"), "check">;
type AttachmentPolicy = Pick<typeof import("dialogo:plugin/attachment-policy@0.1.0"), "check">;
type Bot = Pick<typeof import("dialogo:plugin/bot@0.1.0"), "answer">;
type Observer = Pick<typeof import("dialogo:plugin/observer@0.1.0"), "seen">;
type Replies = Pick<typeof import("dialogo:plugin/replies@0.1.0"), "suggest">;

/** The hook `setup`: checks the settings; throw a list of problems when they are wrong. */
export const setup = (hook: Setup): Setup => reporting(hook);
/** The hook `classifier`: suggests what a conversation is about. */
export const classifier = (hook: Classifier): Classifier => reporting(hook);
/** The hook `transfer-rules`: judges a transfer, or proposes one. */
export const transferRules = (hook: TransferRules): TransferRules => reporting(hook);
/** The hook `message-policy`: judges a message before it is stored. */
export const messagePolicy = (hook: MessagePolicy): MessagePolicy => reporting(hook);
/** The hook `emoji-policy`: judges the emojis of a message, one verdict each. */
export const emojiPolicy = (hook: EmojiPolicy): EmojiPolicy => reporting(hook);
/** The hook `attachment-policy`: judges a file before it is stored. */
export const attachmentPolicy = (hook: AttachmentPolicy): AttachmentPolicy => reporting(hook);
/** The hook `bot`: answers before an agent does. */
export const bot = (hook: Bot): Bot => reporting(hook);
/** The hook `observer`: sees what happened, after the fact. */
export const observer = (hook: Observer): Observer => reporting(hook);
/** The hook `replies`: suggests to the agent what could be answered. */
export const replies = (hook: Replies): Replies => reporting(hook);

/** The hook with its functions telling the host of a defect, with its place, before the sandbox ends. */
function reporting<Hook extends object>(hook: Hook): Hook {
  const wrapped: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(hook) as [string, (...given: unknown[]) => unknown][]) {
    wrapped[name] = (...given: unknown[]) => {
      try {
        // QuickJS is given `null` for what is absent, the types say `undefined`.
        return call.apply(hook, given.map((one) => one ?? undefined));
      } catch (thrown) {
        if (thrown instanceof Error) {
          const place = thrown.stack?.trim().split("\n")[0]?.trim().replace(/^at /, "") ?? "";
          panicked(`${thrown.name}: ${thrown.message}`, place);
        }
        throw thrown;
      }
    };
  }
  return wrapped as Hook;
}

/** Nothing speaks against it: the verdict of all policies. */
export const allow = { tag: "allow" } as const;

/** It passes, with the reason to be careful beside it. */
export const warn = (why: Explanation) => ({ tag: "warn", val: why }) as const;

/** It does not pass; the sender sees the reason. */
export const deny = (why: Explanation) => ({ tag: "deny", val: why }) as const;

/**
 * Why a plugin says what it says.
 *
 * @param code stays the same for ever, for programs: `"too-large"`
 * @param detail a sentence for people
 * @param evidence the words, emojis or values that led to it
 */
export function explain(code: string, detail: string, evidence: string[] = []): Explanation {
  return { code, detail, evidence };
}

/** To throw when the plugin has no opinion. */
export const notApplicable: PluginError = { tag: "not-applicable" };

/** To throw when settings or catalogue do not fit. */
export const misconfigured = (what: string): PluginError => ({ tag: "misconfigured", val: what });

/** To throw when there may be an answer later. */
export const unavailable = (what: string): PluginError => ({ tag: "unavailable", val: what });

/**
 * The settings as JSON was parsed, or what `build` makes of them; made at the first use and kept for as long as the
 * instance lives. They already fit the package's schema.
 *
 * ```ts
 * const rules = dialogo.settings<Settings, Rules>((given) => new Rules(given));
 * rules().match(text);
 * ```
 */
export function settings<Given, Built = Given>(build?: (given: Given) => Built): () => Built {
  let built: { value: Built } | undefined;
  return () => {
    built ??= { value: build ? build(JSON.parse(json())) : JSON.parse(json()) };
    return built.value;
  };
}

/** Lines for the operator's log; the host adds plugin, version and call id, and keeps at most 64 lines of a call. */
export const log = {
  debug: (message: string, fields: Record<string, string> = {}) => write("debug", message, Object.entries(fields)),
  info: (message: string, fields: Record<string, string> = {}) => write("info", message, Object.entries(fields)),
  warn: (message: string, fields: Record<string, string> = {}) => write("warn", message, Object.entries(fields)),
  error: (message: string, fields: Record<string, string> = {}) => write("error", message, Object.entries(fields)),
};

/** The value of a fact that is true or false; `undefined` when it is not known. */
export const flag = (of: { facts: Fact[] }, key: string) => fact(of, key, "flag");
/** The value of a fact that is a number. */
export const number = (of: { facts: Fact[] }, key: string) => fact(of, key, "number");
/** The value of a fact that is a text. */
export const text = (of: { facts: Fact[] }, key: string) => fact(of, key, "text");
/** The value of a fact that is a list of texts. */
export const texts = (of: { facts: Fact[] }, key: string) => fact(of, key, "texts");

type Kinds = { flag: boolean; number: number; text: string; texts: string[] };

function fact<Kind extends keyof Kinds>(of: { facts: Fact[] }, key: string, kind: Kind): Kinds[Kind] | undefined {
  const value = of.facts.find((known) => known.key === key)?.value;
  return value?.tag === kind ? (value.val as Kinds[Kind]) : undefined;
}

/**
 * How many bytes a text has in UTF-8. The contract counts places in bytes, JavaScript counts UTF-16 units:
 * `bytes(text.slice(0, index))` is where `index` stands.
 */
export function bytes(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) count += 1;
    else if (unit < 0x800) count += 2;
    else if (unit >= 0xd800 && unit < 0xdc00) {
      count += 4;
      index += 1;
    } else count += 3;
  }
  return count;
}

/** The part of a text between two places in bytes, as `patterns` gives them. */
export const slice = (whole: string, start: number, end: number) => whole.slice(index(whole, start), index(whole, end));

/** Where in a JavaScript text the byte `place` of its UTF-8 stands: the inverse of `bytes(text.slice(0, index))`. */
export function index(whole: string, place: number): number {
  let count = 0;
  let at = 0;
  while (at < whole.length && count < place) {
    const wide = whole.codePointAt(at)! > 0xffff;
    count += bytes(whole.slice(at, at + (wide ? 2 : 1)));
    at += wide ? 2 : 1;
  }
  return at;
}
