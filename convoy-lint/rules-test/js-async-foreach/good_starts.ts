useEffect(() => {
  queue.forEach(async (event) => track(event));
}, [queue]);

export class Server {
  onSave(ids: string[]): void {
    ids.forEach(async (id) => {
      await this.send(id);
    });
  }
}
