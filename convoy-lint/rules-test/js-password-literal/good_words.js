const da = { cartSecret: "Kurv-hemmelighed", accessToken: "Adgangs token" };
const ja = { cartSecret: "カートシークレット" };
