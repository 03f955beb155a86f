// bad
const client = new Client({ user: 'app', password: 'Ap9!postgres' });
// bad
const sequelize = new Sequelize('shop', 'root', 'Sh0p-Pa55');
// bad
mongoose.connect('mongodb://admin:Secr3tPw@db/app');
// bad
fetch('https://api.example.org', { headers: { Authorization: 'Bearer 9s8d7f6g5h4j3k2l1' } });
