// The calls the console makes, by name.
import type { Caller } from "./call";
import type {
  AgentList,
  Conversation,
  ConversationList,
  DepartmentList,
  DeskRules,
  EventList,
  Explanation,
  Insights,
  Me,
  MessageList,
  NewReasons,
  NodeList,
  PluginList,
  Presence,
  ReplyList,
  RuleFileView,
  RulesDiff,
  RulesView,
  SessionBegun,
  Target,
  TargetList,
  Today,
  Uploaded,
} from "./types";

type Scope = "mine" | "queue" | "to_classify" | "closed_today" | "all";
export type Act = "accept" | "decline" | "claim" | "hold" | "resume" | "undo-close";

/** A node of the tree, and the set of suggestions it was taken from. */
export interface Choice {
  node: string;
  from_set?: number;
}

export function deskApi(call: Caller) {
  const post = (path: string, body: unknown, key: string) => call<void>(path, { method: "POST", body, key });
  const put = (path: string, body: unknown, key: string) => call<void>(path, { method: "PUT", body, key });
  return {
    logIn: (login: string, password: string) =>
      call<SessionBegun>("/sessions", { method: "POST", body: { login, password } }),
    logOut: () => call<void>("/sessions/current", { method: "DELETE" }),
    desk: () => call<DeskRules>("/desk"),
    today: () => call<Today>("/me/today"),
    me: () => call<Me>("/me"),
    agents: () => call<AgentList>("/agents"),
    departments: () => call<DepartmentList>("/departments"),
    tree: () => call<NodeList>("/classifications"),
    replies: () => call<ReplyList>("/replies"),
    conversations: (scope: Scope, limit = 100) =>
      call<ConversationList>(`/conversations?scope=${scope}&limit=${limit}`),
    /** Ones by words, the closed ones too: `before` is the `next` of the page before. */
    search: (text: string, before?: number) =>
      call<ConversationList>(
        `/conversations?search=${encodeURIComponent(text)}&limit=20${before ? `&before=${before}` : ""}`,
      ),
    ofConsumer: (consumer: string) => call<ConversationList>(`/conversations?consumer=${consumer}&limit=20`),
    targets: (id: string) => call<TargetList>(`/conversations/${id}/targets`),
    conversation: (id: string) => call<Conversation>(`/conversations/${id}`),
    messages: (id: string, before?: number) =>
      call<MessageList>(`/conversations/${id}/messages?limit=100${before ? `&before=${before}` : ""}`),
    history: (id: string, after = 0) => call<EventList>(`/conversations/${id}/events?limit=200&after=${after}`),
    /** A page of all open conversations; `before` is the `next` of the page before. */
    open: (before?: number) =>
      call<ConversationList>(`/conversations?scope=department&limit=200${before ? `&before=${before}` : ""}`),
    explain: (id: string) => call<Explanation>(`/conversations/${id}/explain`),
    assign: (id: string, agent: string, key: string) => post(`/conversations/${id}/assign`, { agent }, key),
    insights: (query: URLSearchParams) => call<Insights>(`/insights?${query}`),
    reasons: () => call<NewReasons>("/reasons"),
    searchReasons: () => call<NewReasons>("/reasons/search", { method: "POST" }),
    acceptReason: (group: string, node: { id: string; title: string; parent: string }) =>
      call<NewReasons>(`/reasons/${encodeURIComponent(group)}/accept`, { method: "POST", body: node }),
    declineReason: (group: string) => call<NewReasons>(`/reasons/${encodeURIComponent(group)}/decline`, { method: "POST" }),
    rules: () => call<RulesView>("/rules"),
    ruleFile: (path: string) => call<RuleFileView>(`/rules/file?path=${encodeURIComponent(path)}`),
    rulesDiff: (from: string, to: string) => call<RulesDiff>(`/rules/diff?from=${from}&to=${to}`),
    rollBack: (to: string) => call<RulesView>("/rules/rollback", { method: "POST", body: { to } }),
    plugins: () => call<PluginList>("/plugins"),
    act: (id: string, act: Act, key: string) => post(`/conversations/${id}/${act}`, undefined, key),
    close: (id: string, classify: Choice | undefined, key: string) => post(`/conversations/${id}/close`, { classify }, key),
    transfer: (id: string, target: Target, note: string, key: string) =>
      post(`/conversations/${id}/transfer`, { target, note }, key),
    classify: (id: string, choice: Choice, key: string) => put(`/conversations/${id}/classification`, choice, key),
    suggestionsShown: (id: string, set: number, key: string) =>
      post(`/conversations/${id}/suggestions/${set}/shown`, undefined, key),
    note: (id: string, message: string, text: string) => post(`/conversations/${id}/notes`, { id: message, text }, message),
    upload: (id: string, file: File, key: string, signal: AbortSignal) => {
      const form = new FormData();
      form.set("file", file, file.name);
      return call<Uploaded>(`/conversations/${id}/attachments`, { method: "POST", body: form, key, signal });
    },
    setPresence: (agent: string, presence: Presence, reason: string | undefined, key: string) =>
      put(`/agents/${encodeURIComponent(agent)}/presence`, { presence, reason }, key),
    setLimit: (agent: string, limit: number, key: string) =>
      put(`/agents/${encodeURIComponent(agent)}/limit`, { limit }, key),
    setPassword: (agent: string, current: string, password: string, key: string) =>
      put(`/agents/${encodeURIComponent(agent)}/password`, { current, password }, key),
  };
}
