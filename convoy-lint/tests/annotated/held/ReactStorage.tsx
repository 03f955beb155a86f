import React from 'react';
import jwtDecode from 'jwt-decode';
import axios from 'axios';

export async function signIn(name: string, password: string) {
  const answer = await axios.post('http://api.shop.org/login', { name, password }); // CWE-319
  localStorage.setItem('token', answer.data.token); // CWE-922,312
  sessionStorage.setItem('jwt', answer.data.jwt); // CWE-922,312
  const user = jwtDecode(answer.data.token) as { admin: boolean };
  return user.admin;
}

export async function load() {
  const answer = await axios.get('https://api.shop.org/me');
  localStorage.setItem('theme', 'dark');
  return answer.data;
}

export const Page = () => <p>ready</p>;
