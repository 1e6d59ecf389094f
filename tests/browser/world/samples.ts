// Files to send: small, and what they say they are, or not.
import { deflateSync, crc32 } from "node:zlib";

export interface Sample {
  name: string;
  mimeType: string;
  buffer: Buffer;
}

export const contract: Sample = {
  name: "contrato.pdf",
  mimeType: "application/pdf",
  buffer: Buffer.from("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"),
};

/** A program that calls itself a picture. */
export const disguised: Sample = { name: "foto.jpg", mimeType: "image/jpeg", buffer: Buffer.from(`MZ${"\0".repeat(300)}`) };

export const table: Sample = { name: "lista.csv", mimeType: "text/csv", buffer: Buffer.from("nome;valor\nMarina;10\nJoão;20\n") };

/** A picture of a soft gradient. */
export const photo: Sample = { name: "comprovante.png", mimeType: "image/png", buffer: gradient(240, 150) };

function gradient(width: number, height: number): Buffer {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (width * 3 + 1) + 1 + x * 3;
      rows.set([90 + (x * 120) / width, 130 + (y * 90) / height, 200], at);
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(kind: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc32(body), body.length + 4);
  return whole;
}
