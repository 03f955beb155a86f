export const One = {
  // bad
  template: '<div v-html="text"></div>',
};
export const Two = {
  render() {
    // bad
    return h('div', { innerHTML: this.text });
  },
};
