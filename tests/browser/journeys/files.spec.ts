import { readFile } from "node:fs/promises";
import { expect, test } from "../world/fixtures";
import { Refusal } from "../world/api";
import { contract, disguised, photo, table } from "../world/samples";

test("files that are allowed reach the other side whole", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.sendFile(photo, "segue o comprovante");
  const ana = await agent("ana");
  const window = ana.window("Marina");
  const file = window.root.getByRole("button", { name: /comprovante\.png/u });
  // Drawn small: as wide as a window allows, and as high as that makes it.
  await expect(window.root.locator("canvas")).toHaveAttribute("height", "137");
  const [download] = await Promise.all([ana.page.waitForEvent("download"), file.click()]);
  expect(download.suggestedFilename()).toBe("comprovante.png");
  expect(await readFile(await download.path())).toEqual(photo.buffer);

  await window.attach(contract, table);
  await expect(window.files).toContainText(["contrato.pdf", "lista.csv"]);
  await window.button("Remover lista.csv").click();
  await window.say("Segue o contrato");
  await expect(window.answered.last()).toContainText("contrato.pdf");
  const last = (await marina.messages()).at(-1)!;
  expect(last.attachments?.map((it) => it.name)).toEqual(["contrato.pdf"]);
  const got = await fetch(`${desk.address}/api/v1/attachments/${last.attachments![0]!.id}`, {
    headers: { authorization: `Bearer ${marina.person.token}` },
  });
  expect(Buffer.from(await got.arrayBuffer())).toEqual(contract.buffer);
});

test("files that are refused are shown as refused, with the reason, to their sender alone", async ({ desk, agent }) => {
  const marina = await desk.visitor("Marina");
  await marina.say("Olá");
  const ana = await agent("ana");
  const window = ana.window("Marina");
  await window.attach(disguised);
  await expect(window.refused).toContainText("Não enviada");
  await expect(window.refused).toContainText("O arquivo é um programa.");
  await expect(window.refused).toContainText("foto.jpg");
  await expect(window.files).toHaveCount(0);
  expect((await marina.messages()).map((it) => it.author.side)).not.toContain("agent");

  const refusal = await marina.upload(disguised).catch((thrown: unknown) => thrown);
  expect(refusal).toBeInstanceOf(Refusal);
  expect((refusal as Refusal).body).toMatchObject({ code: "attachment-refused" });
  const csv = await marina.upload(table).catch((thrown: unknown) => thrown);
  expect((csv as Refusal).body?.code).toBe("attachment-refused");
  const seen = await marina.messages();
  expect(seen.filter((it) => it.refused).map((it) => it.refused?.code)).toEqual(["executable", "type-not-allowed"]);
});
