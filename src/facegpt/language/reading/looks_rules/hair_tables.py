"""What words say of hair, beard, brows, irises and skin: the tables of language/reading/looks_rules/hair.py.

Each table belongs to one part; "@" is where the part itself was named.
"""

from __future__ import annotations

from facegpt.language.reading.rules.word_lines import rows

_SHORT = {
    "RED": r"red|ginger|carrott?y?|carrots?|copper(?:y|top)?|rust(?:y)?|orange|foxy|titian|rufous|russet|auburn",
    "STREAKED": r"(?:a )?(?:few|odd|couple of|handful of|several|some|touch(?:es)? of|hints? of|streaks? of|streaky?|"
    r"strands? of|threads? of|flecks? of|sprinkl\w+ of|bit of|dash of|only|first|just|going|turning|starting to go|"
    r"slightly|bit)",
    "GREY": r"gr[ea]y|white|silver",
    "TO": r"to|until|till?|at|by|level with|even with|reach(?:es|ing|ed)?(?: to| down to)?|touch\w*|brush\w*|graz\w*|"
    r"skim(?:s|ming)|end(?:s|ing|ed)? (?:at|by|level with)|stop(?:s|ped|ping)?(?: \w+)? at|cut (?:at|to|level with)|"
    r"down to|too|as far as|comes? to|hits?",
    "ABOUT": r"(?: about| around| just| only| roughly)?(?: the| his| her| their| my| its| your| one's)?"
    r"(?: \w+ of (?:the|his|her))? ?",
    "BARELY": r"hardly|barely|scarcely|almost|nearly|practically|next to|virtually|as good as|close to|near|mostly",
    "VERY": r"very|really|super|extremely|incredibly|so+|awfully|terribly|ever so|unnaturally",
    "MANY": "million|zillion|thousand|loads|lots|tons|more|covered|smothered|thick|hundreds|mass(?:es)?",
    "SOME": r"few|handful of|couple of|three or four|some|scatter\w*|dusting of|sprinkl\w+ of|smattering of|hint of",
    "HUGE": r"huge|enormous|massive|giant|gigantic|immense|great big|magnificent",
    "ONE": r"(?:^|(?<=[,;|.(] )|(?<=[\n(])|(?<=\ba )|(?<=\bone )|(?<=\bis )|(?<=\bwas )|(?<=\band ))"
    r"(?:rather |quite |a bit |slightly )?",
    "BARE": r"(?:^|(?<=\ba )|(?<=\bone )|(?<=\bhe is )|(?<=\bshe is )|(?<=\bhe was )|(?<=\bshe was ))"
    r"(?:rather |quite |a bit )?",
    "WHO": r"(?=\s*(?:[,;|.)\n]|$)|,? (?:young |old |elderly |middle aged |big |little )?(?:and|with|m[ae]n|wom[ae]n|"
    r"lad|lass|girl|boy|guy|bloke|lady|person|kid|gent\w*|fella)\b)",
    "DOWN": r"(?:down )?(?:to|until|till|over|onto|reach\w*|on) (?:the |his |her )?",
}
HAIR_COLOURS = rows(
    r"""
hair_lightness 2: (?:white|silver|ice)[ -]?blonde? | platinum(?: blonde?)? | almost white blonde? | tow (?:@|headed) |
    bleached (?:almost |nearly |\w+ )?white
hair_lightness 1.5: bleached | peroxided? | peroxide blonde?
hair_lightness 1, hair_redness 0.5: strawberry blonde?
hair_lightness 0.5: (?:dirty|dark|ash|ashy|dishwater|mid|sandy) blonde? | sandy | wet sand
hair_redness 2: (?:fiery|flaming|flame|bright|vivid|blazing|fire engine|scarlet|tomato|brilliant) (?:{RED}|@) |
    flame (?:red|coloured)
hair_redness 0.5, hair_lightness -1: dark auburn | reddish brown | red brown | mahogany
hair_lightness -0.5: chestnut | mous[ey]y? | mouse brown
hair_redness 1: {RED} | colour of (?:brick|rust|fire)
hair_lightness -2: jet | raven | inky | pitch | coal | ebony | onyx | soot\w* | black | blk | liquorice | ink
hair_lightness 0: light(?:ish)? brown | toffee
hair_lightness -1.5: (?:very|really|super|quite) dark(?: brown)? | darkest brown
hair_lightness -1: (?:dark |deep |plain |chocolate |ash |mid |medium )?brown | brn | brunette? | dark | chocolate
hair_lightness 1: blonde? | blnd | blondish | fair | golden | gold | flaxen | yellow | straw(?: coloured)? | honey |
    wheat\w* | corn\w* | barley | butter\w* | tow | lemon | light
""",
    _SHORT,
)
#: Grey and white hairs, which may stand beside another colour.
HAIR_GREYS = rows(
    r"""
hair_greyness 0.5: {STREAKED} {GREY}\w* | salt (?:and|n|&) pepper | pepper and salt | grizzled | gr[ea]ying |
    (?:{GREY})(?:ing)? (?:at|on|round|around|about) the (?:temples|sides|edges) |
    (?:threaded|streaked|flecked|shot|peppered|salted|touched|tinged|sprinkled) (?:through )?(?:with|by) {GREY} |
    {GREY} (?:threads?|strands?|streaks?|flecks?|hints?|highlights?)
hair_greyness 2: (?:snow|milk|pure|all|completely|brilliant|shock) white | snowy | white(?:r)?(?: as| like)? |
    hoary | snow
hair_greyness 1: (?:iron |steel |ash |ashen |gun ?metal |silver |pewter )?gr[ea]y | silvery? | steel\w* | pewter
""",
    _SHORT,
)
HAIR_LENGTHS = rows(
    r"""
hair_length 1.5: (?:past|below|beyond|beneath|under) (?:the |his |her |their |my )?(?:shoulders?|shoulder ?blades?) |
    (?:past|below|beyond) (?:the |his |her )?(?:collar ?bones?|bra strap) |
    (?:well|way|far) (?:past|below|down)\b.{0,12} shoulders?
hair_length 2: (?:waist|hip|knee|thigh|floor|ankle|bum|butt|back|tailbone) ?length |
    sit(?:s|ting)? on(?: it| them| @| (?:her|his) @|\W*$) |
    (?:{TO}|past|below|down|over|into|halfway down|all down){ABOUT}(?:waist|hips?|knees?|bum|butt|bottom|back) |
    (?:{TO}|past|below|down|over|all down){ABOUT}(?:behind|backside|belt|arse|ass|tailbone|elbows?|thighs?) |
    (?:{TO}|past|below|down|over|into|all down){ABOUT}(?:ankles?|floor|feet|chest|breasts?|navel|belly|bra strap) |
    rapunzel
hair_length 1: shoulder (?:length|grazing|skimming) | lob | long @ bob |
    (?:{TO}|on|over|onto|around|round|about|upon|across){ABOUT}(?:shou?lders?|shooders?|collar ?bones?)
hair_length 0.5: collar length | (?:{TO}|over|on|past|brushing){ABOUT}(?:collar|nape) | neck length
hair_length -0.5: (?:ear|lobe) ?length | (?:{TO}|over|just over|round){ABOUT}(?:ears?|ear ?lobes?|lobes?)
hair_length 0: (?:chin|jaw|jawline) ?length |
    (?:{TO}|round|around|about|along|dead at|over){ABOUT}(?:chin|jaw(?:line|bone| line)?) |
    length:? (?:to )?(?:the )?(?:chin|jaw) | bobbed | page ?boy |
    (?:an?|her|his|in|short|length|coloured) @ bob(?! \w+ed) |
    (?:blunt|sleek|neat|layered|french|sharp|angled|straight|smooth|glossy) @ bob |
    (?:black|brown|blonde?|gr[ea]y|red|ginger|silver|white|dark|auburn|platinum|copper|raven|brunette) @ bob
hair_length -1.5: buzz(?: ?cut|ed)? | crew ?cut | skinhead | high and tight | number (?:one|two|1|2)(?: all over)? |
    clipped like \w+ | (?:{VERY}|ultra|v) (?:short|close)\w* | close (?:cropped|clipped|cut) | cropped to nothing |
    (?:cut|cropped|clipped|shaved|trimmed) (?:very |right |really )?(?:close|down) | stubbly
hair_length -2: shaved | shaven | shorn | none | no more | hairless
hair_length -1: (?:slightly |bit |fairly |quite |rather |pretty )?short(?:ish)?(?! of) | cropp?(?:ed|t) | @ crop |
    pixie | clipped | gamine
hair_length 2: {VERY} long(?! way) | long,? long
hair_length 1: long(?! (?:ago|time|since|enough|way)) | flowing
""",
    _SHORT,
)
BEARDS = rows(
    r"""
beard 0.5: stubbl\w* | unshave[nd] | (?:five|5) ?o'? ?clock shadow | (?:days?|days?'s?) (?:of )?(?:growth|@) |
    (?:growth|@) of (?:\w+ )?(?:days?|mornings?) | scruff(?! of) | peach fuzz | bum ?fluff | goat(?:ee|y) | soul patch |
    (?:wisps?|shadow|hint|suggestion|beginnings?|start) of an? (?:\w+ )?@ | van ?dyke?(?: @)? | sandpaper |
    (?:wispy|patchy|scraggly|scrappy|sparse|thin|light|faint|short|trimmed|clipped|cropped|neat|tidy) (?:\w+ )?@ |
    little @ | @ (?:is )?(?:cut |kept |clipped |trimmed )?(?:short|close|neat\w*|patchy|wispy)
beard 2: (?:long|{HUGE}|wizard|gandalf|father christmas|santa|foot long) (?:\w+ ){0,2}@ |
    @ (?:\w+,? ){0,6}(?:long|{HUGE}) |
    @ (?:\w+,? ){0,6}{DOWN}(?:chest|belt|waist|belly|stomach|knees?|navel|breast ?bone|breast|tie|middle|toes|floor)
beard 1.5: (?:bushy|thick|big|wild|dense|heavy|very full) (?:\w+ ){0,2}@ | @ (?:\w+ ){0,2}(?:bushy|thick|wild)
""",
    _SHORT,
)
MOUSTACHES = rows(
    r"""
moustache 2: (?:walrus|handlebar|{HUGE}) (?:\w+ ){0,2}@ |
    @ (?:\w+ ){0,3}(?:like an? (?:\w+ )?(?:broom|brush)|the size of|waxed) |
    walrus of an? @
moustache 1.5: (?:thick|bushy|big|heavy|full|bristling|long) (?:\w+ ){0,2}@ | @ (?:\w+ ){0,2}(?:thick|bushy)
moustache 0.5: (?:wispy|faint|pencil|thin|sparse|first|little|lil|small|scrappy|trim|dirty) (?:\w+ )?@ |
    @ (?:thin|wispy|faint) |
    (?:shadow|hint|wisp|beginnings) of an? @
""",
    _SHORT,
)
BROWS = rows(
    r"""
brow_thickness -2: {BARELY} (?:any |no |an? )?@ |
    @ (?:\w+,? ){0,5}{BARELY} (?:any|there|not|none|nothing|\w*exist\w*|invisible|no) |
    (?:shaved|plucked|waxed|burnt|singed) (?:off|out|away|to nothing|bare) | (?:blocked?|painted|blanked) out |
    missing |
    block out (?:the )?@ | non ?existent | absent | gone(?! \w) | invisible | none | hairless | bald
brow_thickness -1.5: (?:over ?)?plucked | (?:to|into|like) an? (?:\w+ )?(?:pencil )?(?:line|thread|wire) | pencil thin |
    (?:waxed|pencil(?:led|ed)?|drawn) (?:\w+ )*(?:thin|lines?|on) | pencil(?:led|ed) | toothpicks? |
    (?:{VERY}|paper) (?:thin|fine|sparse|faint|skinny) | (?:thin|fine) as (?:an? )?\w+
brow_thickness 1.5: (?:{VERY}|big) (?:thick|bushy|heavy|shaggy|fat) | caterpillars? | hedges? | shaggy | bushy |
    bushiest |
    (?:meet|join|met|joined)(?:s|ed|ing)? (?:up )?(?:in the (?:middle|centre)|over|above|together) | unmown | mowing |
    thatch\w* | awnings? | unruly | luxuriant | brush(?:es)?
brow_thickness 1: thick | dense | heavy | fat | full | strong
brow_thickness -1: thin | sparse | faint | fine | skinny | wispy | scanty | scant | slender
""",
    _SHORT,
)
IRISES = rows(
    r"""
iris_lightness 2: so (?:pale|light|clear|faded|washed|colou?rless) | colou?rless | see ?(?:thr(?:u|ough)) |
    transparent |
    (?:almost|nearly|near|practically) (?:white|transparent) | ice | icy | husky | washed out | glacier | glacial |
    (?:{VERY}|ghostly|freaky|milky|unearthly|startlingly) (?:pale|light)\w*(?: (?:blue|grey|gray|green))? |
    (?:lightest|palest) (?:of )?(?:blue|grey|gray|green|\w+) | (?:blue|grey|gray|green) so (?:pale|light)
iris_lightness 1.5: (?:pale|light|clear|watery|faded|milky|silvery|bright)(?:ish)? (?:blue|gr[ea]y) | silvery? | pale |
    (?:blue|gr[ea]y) (?:and )?(?:clear|pale|light|watery) | clear(?! of)
iris_lightness 0.5: (?:dark|deep|navy|midnight) (?:blue|green|hazel|gr[ea]y) | navy
iris_lightness -0.5: light brown | golden brown | caramel
iris_lightness 0.5: brown green | green(?:ish)? brown | brownish green | green(?:ish|y)? ?(?:hazel)? | hazel |
    amber | olive |
    emerald | jade | moss\w* | honey | tawny | topaz | golden | turquoise | teal | bottle green
iris_lightness 1: blue | gr[ae]y | bluish | steel(?:y)? | slate | cornflower | azure | sky | sapphire | denim |
    light(?! of) |
    violet | gun ?metal
iris_lightness -2: (?:jet|coal|pitch|ink|inky)? ?black(?: as \w+)? | jet | coal | onyx | obsidian | sloes? |
    (?:{VERY}|almost black) dark
iris_lightness -1: (?:dark |deep |chocolate |warm |soft |nut |rich |coffee )?brown | brn | chocolate | conkers? |
    coffee |
    chestnut | mahogany | hazelnut | umber | dark
""",
    _SHORT,
)
SKINS = rows(
    r"""
skin_lightness 2: (?:{VERY}|deathly|ghostly|ghost|paper) (?:pale|white|fair|light) | translucent | whiter than |
    alabaster | albino |
    (?:snow|chalk|paper|milk|lily|ghost)[ -]?(?:white|pale) | chalk\w* | (?:pale|white) as \w+(?: \w+)? | see through |
    white like \w+(?: \w+)? | like (?:butter)?milk
skin_lightness -2: {VERY} (?:dark|black)(?: brown)? | ebony | jet(?: black)? | blue black | black |
    dark(?: \w+)? well well |
    dark as \w+ | darkest | inky | coal\w* | like midnight | obsidian
skin_lightness -0.5: (?:light|warm|golden|honey|pale) (?:brown|tan) | tan(?:ned)? | olive | bronzed? |
    caf[eé] au lait | caramel |
    dusky | swarthy | beige | sun ?(?:browned|kissed|tanned) | browned | biscuit | wheatish | (?:milky )?coffee
skin_lightness -1.5: (?:deep|dark|rich) brown | deepest
skin_lightness -1: dark(?:ish)?(?! (?:hair|eyes|brows?|circles?)) | brown(?! (?:hair|eyes)) | chocolate | mahogany |
    walnut |
    chestnut | strong tea
skin_lightness 1: pale | fair | light | pallid | pasty | ivory | porcelain | milky | cream(?:y)? | white | wan | waxen
""",
    _SHORT,
)
BLOODS = rows(
    r"""
skin_redness -1: pallid | sallow | yellow(?:ish)? | bloodless | wax(?:en|y) | ashen | jaundiced | grey(?:ish)? | pasty |
    washed out | anaemic
skin_redness 1.5: (?:very|really|so|bright|beetroot|lobster|tomato|boiled) red | red as | beetroot | lobster | tomato
skin_redness 1: ruddy | florid | rosy | roses | rosiest | flushed | rubicund | red(?:dish|dened)? | pink(?:ish)? |
    high coloured |
    sun ?burn(?:t|ed) | peaches and cream | wind ?burn(?:t|ed)
""",
    _SHORT,
)
#: Wordings that need no part beside them.
ALONE = rows(
    r"""
beard -1, moustache -1: (?:clean|smooth|freshly|close) shaven | no facial hair | freshly shaved |
    shaved (?:daily|every day) |
    not a (?:bristle|whisker) | clean shaved
beard 0.5: stubbl(?:e|y) | unshaven | (?:five|5) ?o'? ?clock shadow | days?'?s?'? (?:of )?growth | peach fuzz |
    goat(?:ee|y) | soul patch |
    scruff(?:y)? (?:on (?:the|his) )?(?:jaw|chin) | has not shaved (?:since|for|in) | (?:chin|jaw) like sandpaper |
    shadow (?:along|on|round|over) (?:the|his) jaw
hair_length -1.5: (?:buzz|crew) ?cut | skin ?head | high and tight | number (?:one|two|1|2)(?: all over| crop| cut) |
    buzzed (?:head|scalp|hair) | (?:head|scalp) (?:is )?buzzed
hair_length -1: (?:pixie|close|boyish|urchin|platinum|silver|grey|black|blonde?) crop | pixie cut | undercut |
    short back and sides
hair_length 1: shoulder (?:length|grazing) | lob
hair_redness 1: redhead(?:ed)? | copper ?top | carrot ?top | ginger ?nut | (?:red|rid|ginger) he(?:i|a)d |
    ginger (?:as|m[ae]n|bloke|lad) |
    ginger (?:fella|fellow|guy|girl|woman|lass|boy|kid|dude)
hair_lightness 1.5: peroxide | bottle blonde? | blonde? (?:out of|from) a (?:bottle|packet)
hair_greyness 0.5: temples (?:\w+ )?{GREY}\w* | {GREY}(?:ing)? temples | few gr[ea]ys |
    (?:few|odd|couple of) (?:strands|threads|streaks|flecks) of {GREY} |
    (?:few|first|odd|couple of) (?:\w+ )?{GREY} (?:threads|strands|hairs|ones|bits)
beard 1: mutton ?chops | (?:a week|weeks|a fortnight|a month)\w* without (?:a razor|shaving)
moustache 0.5: bum ?fluff\b[^.;,]{0,12}\blip | (?:fluff|fuzz|down) (?:on|over|above) (?:the|his) (?:upper |top )?lip
brow_thickness 1.5: two (?:\w+ ){0,2}(?:caterpillars?|hedges|brushes|slugs|awnings)\b[^.;]{0,30} (?:eye|brow)s? |
    (?:plenty|lots|no shortage|a lot|loads) of (?:eye ?)?brow | (?:uni|mono)brow
brow_thickness -2: {BARELY} (?:any|an?|no|without)? ?eye ?brows? | {BARELY} (?:any |no )?brows
skin_lightness -1: brown as (?:an? |the |old )?(?!ever|usual|before)\w+ |
    (?:nut|conker|walnut) brown(?! (?:hair|eyes|beard|locks))
skin_redness 1.5: (?:red|scarlet|pink) as (?:an? )?(?:boiled )?(?:beet\w*|lobster|tomato|ham|brick|turkey\w*|radish) |
    face (?:like|of) an? (?:beetroot|tomato|lobster|boiled ham)
skin_lightness 2: (?:pale|white) as (?:an? |the )?(?:sheet|ghost|death|chalk|paper|corpse|bone|wall) |
    whiter than (?:an? )?(?:\w+ )?(?:paper|sheet|ghost|chalk|wall)
skin_redness 1: (?:rosy|roses|apple[- ]red|ruddy|red) (?:in (?:his|her|the) )?cheek(?:s|ed)? |
    cheeks? (?:\w+ )?(?:rosy|ruddy|red)
freckles 2: {MANY}(?: and (?:loads|lots))?(?: of| in| with)?(?: tiny| little| brown)* freckle[sd]? |
    freckles? (?:everywhere|all over|on every|from) | freckled all over
freckles 0.5: {SOME} (?:\w+ )?freckles |
    (?:faint|light) freckles | freckles (?:here and there|just)
skin_lightness 1, skin_redness -1: {ONE}pallid{WHO}
skin_lightness 2: {BARE}{VERY} pale{WHO} | {ONE}{VERY} (?:white|light|pale) skinned{WHO}
skin_lightness 1: {BARE}(?:pale|fair){WHO} | {ONE}(?:pasty|fair skinned|pale faced|white faced){WHO}
skin_lightness -0.5: {ONE}(?:tanned|olive skinned|bronzed){WHO}
skin_lightness -1: {ONE}(?:swarthy|dark skinned|brown skinned){WHO}
skin_redness 1: {ONE}(?:ruddy|florid|rosy|sun ?burn(?:t|ed)|red faced|rubicund|rosy faced|rosy cheeked){WHO}
skin_redness -1: {ONE}(?:sallow|jaundiced|ashen){WHO}
hair_lightness 1: {BARE}blonde?{WHO}
hair_lightness -1: {ONE}brunette{WHO}
wrinkles 1.5: (?:deep(?:ly)?|heavily|very|badly|much) (?:creased|lined|wrinkled|furrowed) |
    (?:lined|creased|wrinkled|folded) (?:like|as) an?
""",
    _SHORT,
)
