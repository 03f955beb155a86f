import Vue from 'vue';
import { defineComponent, h } from 'vue';

export const One = Vue.component('one', {
  props: ['text'],
  template: '<div v-html="text"></div>', // CWE-79
});

export const Two = defineComponent({
  props: { text: String },
  render() {
    return h('div', { innerHTML: this.text }); // CWE-79
  },
});

export const Three = Vue.component('three', {
  props: ['text'],
  render(create: any) {
    return create('div', { domProps: { innerHTML: this.text } }); // CWE-79
  },
});

export const Fine = defineComponent({
  props: { text: String },
  template: '<div>{{ text }}</div>',
});
