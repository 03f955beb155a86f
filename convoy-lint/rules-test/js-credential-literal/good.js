const client = new Client({ user: 'app', password: process.env.PASSWORD });
const labels = { password: 'Password' };
const field = new Field({ password: 'password' });
mongoose.connect('mongodb://user:password@localhost/app');
