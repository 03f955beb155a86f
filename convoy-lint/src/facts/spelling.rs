//! Words that are spelt wrong, or stand twice, in what people read. Pure.

use std::sync::LazyLock;

use regex::Regex;

use super::diff::{FileDiff, Line};
use super::role::Role;
use super::{Fact, Limits, Scene, pattern};

/// What is often written, and what is meant; in the order of the letters.
#[rustfmt::skip]
const MEANT: [(&str, &str); 274] = [
    ("abbrevation", "abbreviation"), ("accomodate", "accommodate"), ("accross", "across"),
    ("acheive", "achieve"), ("acknowlege", "acknowledge"), ("acount", "account"), ("adress", "address"),
    ("agressive", "aggressive"), ("algoritm", "algorithm"), ("allready", "already"), ("alredy", "already"),
    ("ambigous", "ambiguous"), ("ammount", "amount"), ("analize", "analyze"), ("apparant", "apparent"),
    ("appearence", "appearance"), ("appropiate", "appropriate"), ("aproach", "approach"),
    ("arbitary", "arbitrary"), ("arguement", "argument"), ("assigment", "assignment"),
    ("asyncronous", "asynchronous"), ("atribute", "attribute"), ("attachement", "attachment"),
    ("authentification", "authentication"), ("automaticly", "automatically"), ("availabe", "available"),
    ("availble", "available"), ("avaliable", "available"), ("backgroud", "background"),
    ("basicly", "basically"), ("becuase", "because"), ("beeing", "being"), ("beggining", "beginning"),
    ("begining", "beginning"), ("behavoir", "behavior"), ("behavour", "behaviour"), ("beleive", "believe"),
    ("boundry", "boundary"), ("buisness", "business"), ("calender", "calendar"),
    ("cancelation", "cancellation"), ("catagory", "category"), ("charachter", "character"),
    ("charater", "character"), ("choosen", "chosen"), ("comming", "coming"), ("commited", "committed"),
    ("comparision", "comparison"), ("compatability", "compatibility"), ("compatable", "compatible"),
    ("completly", "completely"), ("concious", "conscious"), ("condtion", "condition"),
    ("configuraton", "configuration"), ("consistant", "consistent"), ("constuctor", "constructor"),
    ("containg", "containing"), ("contructor", "constructor"), ("convertion", "conversion"),
    ("correspoding", "corresponding"), ("curently", "currently"), ("currenly", "currently"),
    ("databse", "database"), ("decribe", "describe"), ("defaut", "default"), ("defintion", "definition"),
    ("dependancy", "dependency"), ("deprected", "deprecated"), ("desciption", "description"),
    ("descripton", "description"), ("destory", "destroy"), ("developement", "development"),
    ("diffrent", "different"), ("dimention", "dimension"), ("directoy", "directory"),
    ("disapear", "disappear"), ("efficency", "efficiency"), ("encryted", "encrypted"),
    ("enviroment", "environment"), ("environement", "environment"), ("equivelant", "equivalent"),
    ("excecute", "execute"), ("excecution", "execution"), ("existance", "existence"),
    ("existant", "existent"), ("exmaple", "example"), ("experiance", "experience"),
    ("explicitely", "explicitly"), ("expresion", "expression"), ("exsiting", "existing"),
    ("extention", "extension"), ("familar", "familiar"), ("finaly", "finally"),
    ("flexability", "flexibility"), ("folowing", "following"), ("foriegn", "foreign"),
    ("formated", "formatted"), ("formating", "formatting"), ("forseeable", "foreseeable"),
    ("foward", "forward"), ("fucntion", "function"), ("funciton", "function"),
    ("functionallity", "functionality"), ("futher", "further"), ("garantee", "guarantee"),
    ("gaurantee", "guarantee"), ("genereate", "generate"), ("grammer", "grammar"),
    ("guarentee", "guarantee"), ("handeling", "handling"), ("heirarchy", "hierarchy"),
    ("hierachy", "hierarchy"), ("identifer", "identifier"), ("immediatly", "immediately"),
    ("implemenation", "implementation"), ("implementaion", "implementation"),
    ("implemention", "implementation"), ("impliment", "implement"), ("inconsistant", "inconsistent"),
    ("incosistent", "inconsistent"), ("indentifier", "identifier"), ("independant", "independent"),
    ("infomation", "information"), ("inital", "initial"), ("initalize", "initialize"),
    ("initialy", "initially"), ("insted", "instead"), ("intepreter", "interpreter"),
    ("interupt", "interrupt"), ("intialize", "initialize"), ("invokation", "invocation"),
    ("lenght", "length"), ("libary", "library"), ("liscense", "license"), ("maintainance", "maintenance"),
    ("maintenence", "maintenance"), ("managment", "management"), ("manualy", "manually"),
    ("mesage", "message"), ("messsage", "message"), ("minumum", "minimum"), ("mispell", "misspell"),
    ("modifed", "modified"), ("neccessary", "necessary"), ("necesary", "necessary"),
    ("negociate", "negotiate"), ("nubmer", "number"), ("occassion", "occasion"), ("occour", "occur"),
    ("occured", "occurred"), ("occurence", "occurrence"), ("occurences", "occurrences"),
    ("occuring", "occurring"), ("ommit", "omit"), ("ommited", "omitted"), ("orignal", "original"),
    ("otherwhise", "otherwise"), ("overriden", "overridden"), ("paramater", "parameter"),
    ("paramter", "parameter"), ("paramters", "parameters"), ("parrallel", "parallel"),
    ("particulary", "particularly"), ("peformance", "performance"), ("perfomance", "performance"),
    ("permision", "permission"), ("persistant", "persistent"), ("posible", "possible"),
    ("possiblity", "possibility"), ("potentialy", "potentially"), ("preceeding", "preceding"),
    ("prefered", "preferred"), ("prefering", "preferring"), ("presense", "presence"),
    ("previosly", "previously"), ("priviledge", "privilege"), ("probaly", "probably"),
    ("proccess", "process"), ("proccessing", "processing"), ("programatically", "programmatically"),
    ("proprety", "property"), ("protocal", "protocol"), ("publically", "publicly"),
    ("purposly", "purposely"), ("realy", "really"), ("reccomend", "recommend"), ("recieve", "receive"),
    ("recieved", "received"), ("recieves", "receives"), ("recomend", "recommend"),
    ("recursivly", "recursively"), ("refered", "referred"), ("refering", "referring"),
    ("refrence", "reference"), ("regsiter", "register"), ("releated", "related"), ("reletive", "relative"),
    ("relevent", "relevant"), ("reponse", "response"), ("representaion", "representation"),
    ("reproducable", "reproducible"), ("repsonse", "response"), ("requried", "required"),
    ("resouce", "resource"), ("responsability", "responsibility"), ("resposible", "responsible"),
    ("retreive", "retrieve"), ("retrive", "retrieve"), ("retrived", "retrieved"), ("reuqest", "request"),
    ("safly", "safely"), ("sepcify", "specify"), ("seperate", "separate"), ("seperated", "separated"),
    ("seperately", "separately"), ("seperator", "separator"), ("sequencial", "sequential"),
    ("shoud", "should"), ("shoudl", "should"), ("similiar", "similar"), ("simmilar", "similar"),
    ("sofware", "software"), ("specifc", "specific"), ("specifed", "specified"), ("speficied", "specified"),
    ("statment", "statement"), ("structre", "structure"), ("succeded", "succeeded"),
    ("succesful", "successful"), ("succesfully", "successfully"), ("succesively", "successively"),
    ("successfull", "successful"), ("sucess", "success"), ("sucessful", "successful"),
    ("sucessfully", "successfully"), ("suport", "support"), ("supress", "suppress"),
    ("supressed", "suppressed"), ("suprise", "surprise"), ("synchonous", "synchronous"),
    ("syncronize", "synchronize"), ("teh", "the"), ("temporaly", "temporarily"), ("thier", "their"),
    ("threshhold", "threshold"), ("tommorow", "tomorrow"), ("transfered", "transferred"),
    ("transfering", "transferring"), ("transision", "transition"), ("trasaction", "transaction"),
    ("truely", "truly"), ("uneccessary", "unnecessary"), ("unecessary", "unnecessary"),
    ("unexpectd", "unexpected"), ("unitialized", "uninitialized"), ("unkown", "unknown"),
    ("unneccessary", "unnecessary"), ("unnecesary", "unnecessary"), ("untill", "until"),
    ("usefull", "useful"), ("usualy", "usually"), ("utlity", "utility"), ("vaild", "valid"),
    ("vaule", "value"), ("verfication", "verification"), ("verion", "version"), ("visable", "visible"),
    ("wether", "whether"), ("whcih", "which"), ("wich", "which"), ("widht", "width"),
    ("wihtout", "without"), ("writting", "writing"),
];

static WORD: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z]+"));
static TWICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"\b(the the|a a|an an|is is|of of|to to|in in|and and|for for|with with|if if|be be|are are|from from|this this|by by|it it)\b",
    )
});

/// Misspelt words of comments, texts and names.
pub(super) fn misspelt(scene: &Scene, _: &Limits) -> Vec<Fact> {
    let facts = |file: &FileDiff| {
        let mut facts: Vec<Fact> = Vec::new();
        for (number, line) in file.fresh() {
            if let Some((word, meant)) = wrong(file, line) {
                facts.push(Fact::at(file, number).with("WORD", &word).with("MEANT", &meant));
            }
        }
        // What is said of one is known of the others.
        let mut said: Vec<String> = Vec::new();
        facts.retain(|fact| {
            let word = fact.names[0].1.to_lowercase();
            let new = !said.contains(&word);
            said.push(word);
            new
        });
        facts
    };
    let read = |file: &&FileDiff| {
        let spoken = file.path.to_string_lossy().to_ascii_lowercase();
        // Other languages have other words.
        let foreign = ["locale", "lang/", "i18n", "translation", "dictionary", "spell", ".po"];
        !matches!(file.role, Role::Made)
            && !file.is_generated()
            && !foreign.iter().any(|word| spoken.contains(word))
    };
    scene.files.iter().filter(read).flat_map(facts).collect()
}

/// The first such word of a line; one that the file had before is its own way.
fn wrong(file: &FileDiff, line: &Line) -> Option<(String, String)> {
    let stood = |word: &str| file.before.as_deref().is_some_and(|before| before.contains(word));
    let words = WORD.find_iter(&line.text).flat_map(|word| parts(word.as_str()));
    let found = words.filter_map(|word| {
        let low = word.to_ascii_lowercase();
        let at = MEANT.binary_search_by_key(&low.as_str(), |(wrong, _)| wrong).ok()?;
        Some((word, MEANT[at].1.to_owned()))
    });
    let prose = match file.role {
        Role::Docs => line.text.as_str(),
        _ => line.comment.as_str(),
    };
    let twice = TWICE.find(prose).map(|found| {
        let word = found.as_str();
        (word, word.split(' ').next().unwrap_or(word).to_owned())
    });
    found.chain(twice).find(|(word, _)| !stood(word)).map(|(word, meant)| (word.to_owned(), meant))
}

/// `recieveAll` is two words.
fn parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut from = 0;
    let bytes = word.as_bytes();
    for at in 1..bytes.len() {
        if bytes[at].is_ascii_uppercase() && bytes[at - 1].is_ascii_lowercase() {
            parts.push(&word[from..at]);
            from = at;
        }
    }
    parts.push(&word[from..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_are_in_order_and_none_is_right() {
        assert!(MEANT.windows(2).all(|two| two[0].0 < two[1].0));
        let right: Vec<&str> = MEANT.iter().map(|(_, meant)| *meant).collect();
        assert!(MEANT.iter().all(|(wrong, _)| !right.contains(wrong)));
    }

    #[test]
    fn a_name_is_its_words() {
        assert_eq!(parts("recieveAll"), ["recieve", "All"]);
        assert_eq!(parts("HTTPServer"), ["HTTPServer"]);
    }
}
