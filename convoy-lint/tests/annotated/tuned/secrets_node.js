const AWS = require('aws-sdk');
const nodemailer = require('nodemailer');
const passport = require('passport');
const stripe = require('stripe')('ghp_0123456789abcdefghijABCDEFGHIJ012345'); // CWE-798
const GitHubStrategy = require('passport-github').Strategy;

const apiKey = '7f8s6df87as6df8a7sd6f'; // CWE-798
const config = { password: 'correct7horse' }; // CWE-798
const url = 'mongodb+srv://root:Ba5eb411@cluster.example.net/app'; // CWE-798
AWS.config.update({ accessKeyId: 'AKIAIOSFODNN7ABCDEFG', secretAccessKey: 'wJalrXUtnFEMIK7MDENGbPxRfiCYabcdefghijkl' }); // CWE-798
nodemailer.createTransport({ auth: { user: 'me', pass: 'Mail-Pa55' } }); // CWE-798
passport.use(new GitHubStrategy({ clientID: 'x', clientSecret: '8d7f6s8d7f6s8d7f6' }, () => {})); // CWE-798
fetch('https://api.example.org', { headers: { Authorization: 'Bearer 9s8d7f6g5h4j3k2l1' } }); // CWE-798

const password = process.env.PASSWORD;
const labels = { password: 'Password', token: '' };
module.exports = { stripe, apiKey, config, url, password, labels };
