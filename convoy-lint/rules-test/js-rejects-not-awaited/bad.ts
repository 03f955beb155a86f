it("fails", async () => {
  // bad
  expect(work()).rejects.toThrow("no");
});
