export function Clock() {
  // bad
  useEffect(() => {
    setInterval(() => tick(), 1000);
  }, []);
  return null;
}
