// bad
localStorage.setItem('x', data.password);
// bad
sessionStorage.x = user.passwd;
