it("fails", async () => {
  await expect(work()).rejects.toThrow("no");
  return expect(work()).resolves.toBe(1);
});
