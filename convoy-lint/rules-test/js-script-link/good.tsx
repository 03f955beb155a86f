const Link = (props) => {
  return <a href={'javascript:void(0)'}>run</a>;
};
