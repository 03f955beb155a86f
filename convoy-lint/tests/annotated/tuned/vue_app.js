import { createApp } from 'vue';
import axios from 'axios';

createApp({
  data: () => ({ html: '' }),
  template: '<p v-html="html"></p>', // CWE-79
  mounted() {
    this.$el.innerHTML = this.$route.query.text; // CWE-79
    axios.get('/api').then((answer) => {
      document.querySelector('#x').innerHTML = answer.data; // CWE-79
      document.cookie = 'token=' + answer.data.token; // CWE-614,1004,79
    });
  },
}).mount('#app');

export const fine = { template: '<p>{{ text }}</p>' };
