// Should this conversation go elsewhere?

import * as dialogo from "dialogo-plugin";
import { settings } from "./settings";

export const transferRules = dialogo.transferRules({
  decide(_context, trigger, _requested, conversation) {
    const { patient_minutes = 10, then_to } = settings();
    const waited = dialogo.number(conversation, "waited-seconds") ?? 0;
    if (trigger !== "waited-too-long" || then_to === undefined || waited < patient_minutes * 60) {
      return { tag: "abstain" };
    }
    const why = dialogo.explain("waited-too-long", `waited ${Math.floor(waited / 60)} minutes`);
    return { tag: "move-to", val: [{ tag: "department", val: then_to }, why] };
  },
});
