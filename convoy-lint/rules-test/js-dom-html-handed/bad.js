export function show(props) {
  // bad
  box.innerHTML = props.text;
  axios.get('/api').then((answer) => {
    // bad
    box.innerHTML = answer.data;
  });
}
