const words = {
  pt: { good: "pronto", bad: "não está pronto", gone: "sem resposta" },
  en: { good: "ready", bad: "not ready", gone: "no answer" },
  es: { good: "listo", bad: "no está listo", gone: "sin respuesta" },
};
const language = words[(navigator.language || "en").slice(0, 2)] ? navigator.language.slice(0, 2) : "en";
const line = document.getElementById("state");
async function look() {
  let state = "gone";
  let why = "";
  try {
    const answer = await fetch("/readyz", { cache: "no-store" });
    state = answer.ok ? "good" : "bad";
    const body = await answer.json();
    why = (body.reasons || []).join("; ");
  } catch {}
  line.className = "state " + (state === "good" ? "good" : "bad");
  line.textContent = words[language][state] + (why ? ": " + why : "");
}
look();
setInterval(look, 5000);
