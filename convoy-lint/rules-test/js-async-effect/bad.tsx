export function A() {
  // bad
  useEffect(async () => {
    await load();
  }, []);
}
