const Link = (props) => {
  // bad
  return <a href={'javascript:' + props.code}>run</a>;
};
