export function Clock() {
  useEffect(() => {
    const timer = setInterval(() => tick(), 1000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    load();
  }, []);
  return null;
}
