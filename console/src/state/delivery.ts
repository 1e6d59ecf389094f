import type { Conversation, Message } from "../api/types";

export type Delivery = "sent" | "delivered" | "read";

/** How far an agent's message has come. */
export function delivery(message: Message, conversation: Conversation): Delivery {
  if (message.number <= conversation.consumer_read.read) return "read";
  return message.number <= conversation.consumer_read.delivered ? "delivered" : "sent";
}
