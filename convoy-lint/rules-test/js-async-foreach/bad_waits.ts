export class Store {
  private async all(ids: string[]) {
    // bad
    ids.forEach(async (id) => {
      await this.one(id);
    });
  }
}

const copy = async (names: string[]) => {
  // bad
  names.forEach(async (name) => copyOne(name));
};
