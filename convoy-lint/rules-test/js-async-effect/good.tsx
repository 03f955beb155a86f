export function A() {
  useEffect(() => {
    const run = async () => {
      await load();
    };
    void run();
  }, []);
}
