declare module "virtual:emoji/*" {
  const rows: [emoji: string, label: string, tags: string, group: number][];
  export default rows;
}
