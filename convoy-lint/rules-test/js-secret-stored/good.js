localStorage.setItem('theme', data.theme);
localStorage.setItem('x', data.showPassword);
sessionStorage.removeItem('password');
