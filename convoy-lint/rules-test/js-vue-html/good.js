export const One = {
  template: '<div>{{ text }}</div>',
};
export const Two = {
  render() {
    return h('div', { innerHTML: '<b>fixed</b>' });
  },
};
