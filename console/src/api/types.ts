// The engine's types by the names the console uses. `schema.ts` is generated: `npm run api`.
import type { ProblemBody } from "./problem";
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Agent = Schemas["Agent"];
export type Attachment = Schemas["Attachment"];
export type Classification = Schemas["Classification"];
export type Conversation = Schemas["Conversation"] & Schemas["Inside"];
export type Department = Schemas["Department"];
export type DeskRules = Schemas["DeskView"] & Schemas["WorkRules"];
export type Explanation = Schemas["Explanation"];
export type FeedEvent = Schemas["Event"];
export type HookView = Schemas["HookView"];
export type Insights = Schemas["Insights"];
export type Me = Schemas["Me"];
export type Message = Schemas["Message"];
export type NewReasons = Schemas["NewReasons"];
export type Node = Schemas["Node"];
export type PluginView = Schemas["PluginView"];
export type Problem = Schemas["DiagnosticView"];
export type Profile = Schemas["Profile"];
export type ReasonGroup = Schemas["ReasonGroup"];
export type Reply = Schemas["Reply"];
export type Piece = Schemas["Piece"];
export type RuleFileView = Schemas["RuleFileView"];
export type RulesView = Schemas["RulesView"];
export type Skipped = Schemas["Skipped"];
export type Suggestion = Schemas["Suggestion"];
export type Suggestions = Schemas["Suggestions"];
export type Uploaded = Schemas["Uploaded"];
export type Verdict = Schemas["Verdict"];

export type AgentList = Schemas["AgentList"];
export type ConversationList = Omit<Schemas["ConversationList"], "conversations"> & { conversations: Conversation[] };
export type DepartmentList = Schemas["DepartmentList"];
export type EventList = Schemas["EventList"];
export type MessageList = Schemas["MessageList"];
export type NodeList = Schemas["NodeList"];
export type ReplyList = Schemas["ReplyList"];
export type PluginList = Schemas["PluginList"];
export type RulesDiff = Schemas["RulesDiff"];
export type SessionBegun = Schemas["SessionBegun"];
export type AgentTarget = Schemas["AgentTarget"] & Reach;
export type DepartmentTarget = Schemas["DepartmentTarget"] & Reach;
export type TargetList = Omit<Schemas["TargetList"], "agents" | "departments" | "first_contact"> & {
  agents: AgentTarget[];
  departments: DepartmentTarget[];
  first_contact?: AgentTarget | null;
};
export type Today = Schemas["Today"];

/** Whether a transfer would be carried out, and what it would be answered with if not. */
export type Reach = Omit<Schemas["Reach"], "problem"> & { problem?: ProblemBody | null };

/** A text in several languages. */
export type Text = Record<string, string>;

export type Presence = "online" | "busy" | "offline";

/** Exactly one member. */
export type Target = { department: string } | { agent: string } | { first_contact: true };

/** The events of one commit of the feed. */
export interface Commit {
  position: number;
  at: number;
  events: FeedEvent[];
}
