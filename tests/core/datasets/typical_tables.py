"""Tables of the kinds that statistics textbooks use, drawn by chance: what kinds are judged on.

One line a table: rows, then its columns as name:law:truth. The truth is what the column is where it comes from:
N number, F names (a factor, also one coded by whole numbers), L logical, D date or time, C free text,
E either: stored as a number, though it names something (a patient, a sex coded 1 and 2, a design's -1 and 1),
S steps: answers, grades, visits, whose order counts, numbers or not. Laws:

    f          numbers with a fraction            i(a,b)     whole numbers, all alike
    p(m)       counts around m                    c(a,b)     codes a … b, some commoner than others
    d(a,b)     a … b in turn, as in a design      e(a,b)     a … b, one block of rows after the other
    l(n)       answers 1 … n, the middle commoner y(a,b)     years in order
    r          1, 2, 3 …                          s(n,m)     n numbers of somebody from m on, several rows each
    b          0 and 1                            B          TRUE and FALSE
    w(x|y)     words                              u          a word for each row
    D(form)    days of a format                   v(x|y)     these values

The tables of INVENTED know a few more, and their numbers depend on the columns before them:

    x(k,m)     1 … k in turn, each for m rows     o(k)       grades 1 … k, low ones commoner
    g(m,s)     whole numbers around m             t(m)       whole numbers with a long tail, half above m
    R          ranks of all rows                  law@column the same in all rows with that column's value
    M(unit)    amounts with their unit            T          sentences
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

TABLES = """
32 rownames:u:C mpg:f:N cyl:v(4|6|8):N disp:f:N hp:i(50,330):N drat:f:N wt:f:N qsec:f:N vs:b:N am:b:N gear:v(3|4|5):N carb:v(1|2|3|4|6|8):N
150 rownames:r:N Sepal.Length:f:N Sepal.Width:f:N Petal.Length:f:N Petal.Width:f:N Species:w(setosa|versicolor|virginica):F
153 rownames:r:N Ozone:i(1,168):N Solar.R:i(7,334):N Wind:f:N Temp:i(56,97):N Month:e(5,9):N Day:i(1,31):N
578 rownames:r:N weight:i(35,373):N Time:i(0,21):N Chick:s(50,1):F Diet:c(1,4):F
60 rownames:r:N len:f:N supp:w(OJ|VC):F dose:v(0.5|1|2):N
20 rownames:r:N extra:f:N group:e(1,2):F ID:d(1,10):F
54 rownames:r:N breaks:i(10,70):N wool:w(A|B):F tension:w(L|M|H):F
71 rownames:r:N weight:i(108,423):N feed:w(casein|horsebean|linseed|meatmeal|soybean):F
72 rownames:r:N count:p(9):N spray:w(A|B|C|D|E|F):F
35 rownames:r:N Tree:e(1,5):F age:v(118|484|664|1004|1231|1372|1582):N circumference:i(30,214):N
24 rownames:r:N block:e(1,6):F N:d(0,1):F P:e(0,1):F K:b:F yield:f:N
100 rownames:r:N Expt:e(1,5):E Run:d(1,20):N Speed:i(620,1070):N
132 rownames:r:N Subject:s(12,1):F Wt:f:N Dose:f:N Time:f:N conc:f:N
84 rownames:r:N height:f:N age:v(3|5|10|15|20|25):N Seed:s(14,301):F
180 rownames:r:N Reaction:f:N Days:d(0,9):N Subject:s(18,308):F
66 rownames:r:N Subject:s(6,1):F time:f:N conc:f:N
50 rownames:u:C Murder:f:N Assault:i(45,337):N UrbanPop:i(32,91):N Rape:f:N
50 rownames:u:C Population:i(365,21198):N Income:i(3098,6315):N Illiteracy:f:N HS.Grad:f:N Frost:i(0,188):N Area:i(1049,566432):N
248 rownames:r:N education:w(0-5yrs|6-11yrs|12+ yrs):F age:i(21,44):N parity:p(2):N induced:v(0|1|2):N case:b:N spontaneous:v(0|1|2):N stratum:s(83,1):E pooled.stratum:s(63,1):E
88 rownames:r:N agegp:w(25-34|35-44|45-54|55-64|65-74|75+):F alcgp:w(0-39g/day|40-79|80-119|120+):F ncases:p(2):N ncontrols:p(9):N
30 rownames:r:N rating:i(40,85):N complaints:i(37,90):N privileges:i(30,83):N learning:i(34,75):N raises:i(43,88):N
64 rownames:r:N treatment:w(A|B|C|D|E|F|G|H):F rowpos:d(1,8):N colpos:e(1,8):N decrease:i(2,130):N
23 rownames:r:N conc:f:N rate:i(47,207):N state:w(treated|untreated):F
84 rownames:r:N Plant:w(Qn1|Qn2|Qn3|Mc1|Mc2):F Type:w(Quebec|Mississippi):F Treatment:w(nonchilled|chilled):F conc:v(95|175|250|350|500|675|1000):N uptake:f:N
1000 rownames:r:N lat:f:N long:f:N depth:i(40,680):N mag:f:N stations:i(10,132):N
182 rownames:r:N event:s(23,1):N mag:f:N station:w(117|1083|1095|283|135|475):F dist:f:N accel:f:N
6 rownames:r:N Year:y(1950,1955):N value:i(20,60):N
100 rownames:r:N time:y(1871,1970):N value:i(456,1370):N
144 rownames:r:N time:f:N value:i(104,622):N
228 rownames:r:N inst:c(1,33):E time:i(5,1022):N status:c(1,2):E age:i(39,82):N sex:c(1,2):F ph.ecog:v(0|1|1|1|2|2|3):S ph.karno:v(50|60|70|80|90|100):N pat.karno:v(30|40|50|60|70|80|90|100):N meal.cal:i(96,2600):N wt.loss:i(-24,68):N
418 rownames:r:N id:r:N time:i(41,4795):N status:v(0|0|0|1|2|2):E trt:c(1,2):F age:f:N sex:w(m|f):F ascites:b:N hepato:b:N spiders:b:N edema:v(0|0.5|1):N bili:f:N chol:i(120,1775):N albumin:f:N copper:i(4,588):N alk.phos:f:N ast:f:N trig:i(33,598):N platelet:i(62,721):N protime:f:N stage:c(1,4):S
137 rownames:r:N trt:c(1,2):F celltype:w(squamous|smallcell|adeno|large):F time:i(1,999):N status:b:N karno:v(10|20|30|40|50|60|70|80|90):N diagtime:p(8):N age:i(34,81):N prior:v(0|10):N
340 rownames:r:N id:s(85,1):E rx:c(1,2):F number:p(2):N size:p(2):N stop:i(1,59):N event:b:N enum:d(1,4):S
76 rownames:r:N id:s(38,1):E time:i(2,562):N status:b:N age:i(10,69):N sex:c(1,2):F disease:w(Other|GN|AN|PKD):F frail:f:N
1858 rownames:r:N id:s(929,1):E study:v(1|1):N rx:w(Obs|Lev|Lev+5FU):F sex:b:N age:i(18,85):N obstruct:b:N perfor:b:N adhere:b:N nodes:p(3):N status:b:N differ:c(1,3):S extent:c(1,4):S surg:b:N node4:b:N time:i(8,3329):N etype:d(1,2):E
189 rownames:r:N low:b:N age:i(14,45):N lwt:i(80,250):N race:c(1,3):F smoke:b:N ptl:p(0.2):N ht:b:N ui:b:N ftv:p(0.8):N bwt:i(709,4990):N
506 rownames:r:N crim:f:N zn:f:N indus:f:N chas:b:N nox:f:N rm:f:N age:f:N dis:f:N rad:v(1|2|3|4|5|6|7|8|24):N tax:i(187,711):N ptratio:f:N black:f:N lstat:f:N medv:f:N
93 rownames:r:N Manufacturer:w(Acura|Audi|BMW|Buick|Ford):F Model:u:F Type:w(Compact|Large|Midsize|Small|Sporty|Van):F Min.Price:f:N MPG.city:i(15,46):N AirBags:w(None|Driver only|Driver & Passenger):F Cylinders:w(3|4|5|6|8|rotary):F EngineSize:f:N Passengers:v(2|4|5|6|7|8):N Rev.per.mile:i(1320,3755):N Man.trans.avail:w(Yes|No):F Turn.circle:i(32,45):N Origin:w(USA|non-USA):F
200 rownames:r:N type:w(No|Yes):F npreg:p(3):N glu:i(56,199):N bp:i(38,110):N skin:i(7,99):N bmi:f:N ped:f:N age:i(21,63):N
237 rownames:r:N Sex:w(Female|Male):F Wr.Hnd:f:N W.Hnd:w(Left|Right):F Fold:w(R on L|L on R|Neither):F Pulse:i(35,104):N Clap:w(Left|Neither|Right):F Exer:w(Freq|None|Some):F Smoke:w(Heavy|Never|Occas|Regul):F Height:f:N M.I:w(Metric|Imperial):F Age:f:N
146 rownames:r:N Eth:w(A|N):F Sex:w(F|M):F Age:w(F0|F1|F2|F3):F Lrn:w(AL|SL):F Days:p(16):N
699 rownames:r:N ID:i(61634,13454352):C V1:l(10):N V2:l(10):N V3:l(10):N V4:l(10):N V5:l(10):N V6:l(10):N V7:l(10):N V8:l(10):N V9:l(10):N class:w(benign|malignant):F
236 rownames:r:N y:p(8):N trt:w(placebo|progabide):F base:p(31):N age:i(18,42):N V4:b:N subject:s(59,1):E period:d(1,4):S lbase:f:N lage:f:N
220 rownames:r:N y:w(y|n):F ap:w(a|p):F hilo:w(hi|lo):F week:v(0|2|4|6|11):N ID:s(50,1):F trt:w(placebo|drug|drug+):F
102 rownames:u:C education:f:N income:i(611,25879):N women:f:N prestige:f:N census:i(1113,9517):N type:w(bc|prof|wc):F
45 rownames:u:C type:w(bc|prof|wc):F income:i(7,81):N education:i(7,100):N prestige:i(3,97):N
753 rownames:r:N lfp:w(no|yes):F k5:p(0.3):N k618:p(1.3):N age:i(30,60):N wc:w(no|yes):F hc:w(no|yes):F lwg:f:N inc:f:N
397 rownames:r:N rank:w(Prof|AssocProf|AsstProf):F discipline:w(A|B):F yrs.since.phd:i(1,56):N yrs.service:i(0,60):N sex:w(Female|Male):F salary:i(57800,231545):N
200 rownames:r:N sex:w(F|M):F weight:i(39,119):N height:i(148,197):N repwt:i(41,124):N repht:i(148,200):N
432 rownames:r:N week:i(1,52):N arrest:b:N fin:w(no|yes):F age:i(17,44):N race:w(black|other):F wexp:w(no|yes):F mar:w(married|not married):F paro:w(no|yes):F prio:p(3):N educ:w(2|3|4|5|6):F emp1:w(no|yes):F
1525 rownames:r:N vote:w(Conservative|Labour|Liberal Democrat):F age:i(24,93):N economic.cond.national:l(5):S economic.cond.household:l(5):S Blair:c(1,5):S Hague:c(1,5):S Kennedy:c(1,5):S Europe:i(1,11):N political.knowledge:v(0|1|2|3):S gender:w(female|male):F
2800 rownames:u:C A1:l(6):S A2:l(6):S A3:l(6):S A4:l(6):S A5:l(6):S C1:l(6):S C2:l(6):S C3:l(6):S C4:l(6):S C5:l(6):S E1:l(6):S E2:l(6):S E3:l(6):S N1:l(6):S N2:l(6):S N3:l(6):S O1:l(6):S O2:l(6):S gender:c(1,2):E education:c(1,5):S age:i(3,86):N
700 rownames:u:C gender:c(1,2):E education:c(0,5):S age:i(13,65):N ACT:i(3,36):N SATV:i(200,800):N SATQ:i(200,800):N
53940 rownames:r:N carat:f:N cut:w(Fair|Good|Very Good|Premium|Ideal):F color:w(D|E|F|G|H|I|J):F clarity:w(I1|SI2|SI1|VS2|VS1|VVS2|VVS1|IF):F depth:f:N table:f:N price:i(326,18823):N x:f:N y:f:N z:f:N
234 rownames:r:N manufacturer:w(audi|chevrolet|dodge|ford|honda):C model:w(a4|a4 quattro|a6|c1500|corvette):C displ:f:N year:v(1999|2008):N cyl:v(4|5|6|8):N trans:w(auto(l5)|manual(m5)|auto(av)):C drv:w(f|r|4):C cty:i(9,35):N hwy:i(12,44):N fl:w(p|r|e|d|c):C class:w(compact|suv|pickup):C
574 rownames:r:N date:D(%Y-%m-%d):D pce:f:N pop:i(198712,320402):N psavert:f:N uempmed:f:N unemploy:i(2685,15352):N
437 rownames:r:N PID:i(561,3052):E county:w(ADAMS|ALEXANDER|BOND|BOONE|BROWN):C state:w(IL|IN|MI|OH|WI):C area:f:N poptotal:i(1701,5105067):N percollege:f:N inmetro:b:N category:w(AAR|LHR|HLR|HLU):C
83 rownames:r:N name:u:C genus:u:C vore:w(carni|herbi|omni|insecti):C order:w(Rodentia|Carnivora|Primates|Soricomorpha):C conservation:w(lc|nt|vu|en|domesticated):C sleep_total:f:N sleep_rem:f:N bodywt:f:N
11 rownames:r:N name:u:C start:D(%Y-%m-%d):D end:D(%Y-%m-%d):D party:w(Republican|Democratic):C
2930 Order:r:N PID:i(526301100,1007100110):E MS.SubClass:v(20|30|50|60|120|160):E Lot.Frontage:i(21,313):N Lot.Area:i(1300,215245):N Street:w(Pave|Grvl):F Overall.Qual:l(10):N Overall.Cond:l(9):N Year.Built:i(1872,2010):N Full.Bath:v(0|1|2|2|3):N Half.Bath:v(0|0|1|2):N Bedroom.AbvGr:p(2.8):N Kitchen.AbvGr:v(0|1|1|1|2):N TotRms.AbvGrd:p(6):N Fireplaces:p(0.6):N Garage.Cars:v(0|1|2|2|2|3|4):N Mo.Sold:i(1,12):N Yr.Sold:i(2006,2010):N SalePrice:i(12789,755000):N
891 PassengerId:r:C Survived:b:N Pclass:c(1,3):S Name:u:C Sex:w(male|female):F Age:f:N SibSp:p(0.5):N Parch:p(0.4):N Fare:f:N Cabin:w(C85|C123|E46|G6|B96 B98):C Embarked:w(S|C|Q):F
526 wage:f:N educ:p(12.5):N exper:i(1,51):N tenure:p(5):N nonwhite:b:N female:b:N married:b:N numdep:p(1):N smsa:b:N northcen:b:N construc:b:N lwage:f:N expersq:i(1,2601):N
4165 exp:i(1,51):N wks:i(5,52):N bluecol:w(no|yes):F ind:b:N south:w(no|yes):F smsa:w(no|yes):F married:w(no|yes):F sex:w(male|female):F union:w(no|yes):F ed:p(12.8):N black:w(no|yes):F lwage:f:N
200 firm:s(10,1):E year:d(1935,1954):N inv:f:N value:f:N capital:f:N
816 state:w(ALABAMA|ARIZONA|ARKANSAS|IDAHO|IOWA):F region:c(1,9):F year:d(1970,1986):N pcap:f:N hwy:f:N gsp:i(4354,464550):N emp:f:N unemp:f:N
336 state:w(al|az|ar|ca|co):F year:w(1982|1983|1984|1985|1986|1987|1988):E spirits:f:N unemp:f:N income:f:N beertax:f:N jail:w(no|yes):F fatal:i(79,5504):N
546 rownames:r:N price:i(25000,190000):N lotsize:i(1650,16200):N bedrooms:p(3):N bathrms:v(1|1|2|3|4):N stories:v(1|2|2|3|4):N driveway:w(no|yes):F recroom:w(no|yes):F garagepl:v(0|0|1|2|3):N prefarea:w(no|yes):F
4406 visits:p(6):N nvisits:p(2):N emergency:p(0.3):N hospital:p(0.3):N health:w(poor|average|excellent):F chronic:p(1.5):N adl:w(normal|limited):F region:w(northeast|midwest|west|other):F age:f:N afam:w(no|yes):F gender:w(male|female):F school:p(10):N income:f:N insurance:w(no|yes):F
64 gen:w(G01|G02|G03|G04|G05|G06|G07|G08):F rep:w(R1|R2|R3):F row:d(1,8):N col:e(1,8):N yield:f:N
120 loc:w(Crookston|Duluth|Morris|StPaul):F gen:w(Manchuria|Peatland|Svansota):F year:v(1931|1932):E block:d(1,5):F yield:f:N plot:r:N
72 rownames:r:N y:i(53,174):N V:w(Victory|Golden.rain|Marvellous):F N:w(0.0cwt|0.2cwt|0.4cwt|0.6cwt):F B:w(I|II|III|IV|V|VI):F
270 replicate:e(1,15):F recipe:w(A|B|C):F temperature:w(175|185|195|205|215|225):F angle:i(18,63):N temp:v(175|185|195|205|215|225):N
144 diameter:i(18,27):N plate:w(a|b|c|d|e|f):F sample:w(A|B|C|D|E|F):F
60 strength:f:N batch:w(A|B|C|D|E|F|G|H|I|J):F cask:w(a|b|c):F sample:w(A:a|A:b|B:a|B:b):F
7185 school:s(160,1224):F minrty:w(no|yes):F sx:w(Male|Female):F ses:f:N mAch:f:N meanses:f:N sector:w(Catholic|Public):F cses:f:N
403 rownames:r:N BROOD:w(501|502|503|504|505|506|507|508):F INDEX:s(403,1):F TICKS:p(6):N HEIGHT:i(403,533):N YEAR:w(95|96|97):E LOCATION:s(63,1):F
56 rownames:r:N herd:s(15,1):F incidence:p(2):N size:p(14):N period:d(1,4):F obs:r:F
7681 s:s(500,1):F d:s(100,2):F studage:w(2|4|6|8):F lectage:w(1|2|3|4|5|6):F service:w(0|1):F dept:w(1|2|3|4|5|6|7):F y:l(5):S
316 id:r:N item:w(S1WantCurse|S1DoCurse|S2WantCurse|S3WantShout):F Anger:i(11,39):N Gender:w(F|M):F resp:w(no|perhaps|yes):F btype:w(curse|scold|shout):F mode:w(want|do):F r2:w(N|Y):F
108 rownames:r:N distance:f:N age:d(8,11):N Subject:w(M01|M02|M03|M04|F01|F02):F Sex:w(Male|Female):F
72 rownames:r:N Machine:w(A|B|C):F Worker:e(1,6):F score:f:N
27 rownames:r:N Rail:e(1,6):F travel:i(26,100):N
36 rownames:r:N effort:i(7,14):N Type:w(T1|T2|T3|T4):F Subject:e(1,9):F
160 rownames:r:N Batch:w(A|B|C|D):F Lot:e(1,8):F Wafer:d(1,3):F Site:d(1,5):E Thickness:i(1990,2020):N
176 rownames:r:N weight:i(225,628):N Time:v(1|8|15|22|29|36|43|44|50|57|64):N Rat:s(16,1):F Diet:e(1,3):F
1000 rownames:r:N pair:s(140,1):F subj:s(70,1):F age:i(20,60):N trial:i(1,40):N rt:i(200,1900):N correct:b:N condition:c(1,4):F
160 rownames:r:N expt:e(1,4):F tank:s(20,1):F fed:w(lo|hi):F temp:f:N growth:f:N
244 total_bill:f:N tip:f:N sex:w(Female|Male):F smoker:w(No|Yes):F day:w(Thur|Fri|Sat|Sun):F time:w(Lunch|Dinner):F size:p(2.6):N
344 species:w(Adelie|Chinstrap|Gentoo):F island:w(Biscoe|Dream|Torgersen):F bill_length_mm:f:N bill_depth_mm:f:N flipper_length_mm:i(172,231):N body_mass_g:i(2700,6300):N sex:w(female|male):F year:v(2007|2008|2009):N
17379 instant:r:N dteday:D(%Y-%m-%d):D season:e(1,4):F yr:b:N mnth:e(1,12):N hr:i(0,23):N holiday:b:N weekday:d(0,6):F workingday:b:N weathersit:c(1,4):F temp:f:N cnt:p(190):N
1000 Creditability:b:F Account.Balance:c(1,4):F Duration:i(4,72):N Payment.Status:c(0,4):F Purpose:v(0|1|2|3|4|5|6|8|9|10):F Amount:i(250,18424):N Savings:c(1,5):F Employment:c(1,5):F Instalment:c(1,4):S Sex.Marital.Status:c(1,4):F Dependents:c(1,2):N Telephone:c(1,2):F Foreign.Worker:c(1,2):F Occupation:c(1,4):F
303 age:i(29,77):N sex:b:F cp:c(0,3):F trestbps:i(94,200):N chol:i(126,564):N fbs:b:N restecg:v(0|1|2):F thalach:i(71,202):N exang:b:N oldpeak:f:N slope:v(0|1|2):F ca:v(0|0|1|2|3):N thal:v(1|2|3):F target:b:F
4601 make:f:N address:f:N capital.ave:f:N capital.long:i(1,9989):N type:w(spam|nonspam):F
601 rownames:r:N affairs:v(0|0|0|1|2|3|7|12):N gender:w(female|male):F age:v(17.5|22|27|32|37|42|47):N yearsmarried:f:N children:w(no|yes):F religiousness:l(5):S education:v(9|12|14|16|17|18|20):N occupation:c(1,7):E rating:c(1,5):S
500 ok:B:L active:B:L passed:B:L when:D(%d.%m.%Y):D at:D(%Y-%m-%d %H:%M:%S):D due:D(%m/%d/%Y):D note:u:C zip:i(10000,99999):C phone:i(2000000000,9990000000):C
40 time:r:N hare:f:N lynx:f:N
50 speed:i(4,25):N dist:i(2,120):N
31 rownames:r:N Girth:f:N Height:i(63,87):N Volume:f:N
47 rownames:u:C Fertility:f:N Agriculture:f:N Examination:i(3,37):N Education:i(1,53):N Catholic:f:N
1704 country:w(Afghanistan|Albania|Algeria|Angola|Argentina):F continent:w(Asia|Europe|Africa|Americas|Oceania):F year:v(1952|1957|1962|1967|1972|1977|1982|1987):N lifeExp:f:N pop:i(60011,1318683096):N gdpPercap:f:N
1309 cluster:c(1,12):F segment:c(1,3):F customer_id:s(400,1000):C quantity:p(4):N unit_price:f:N order_date:D(%Y-%m-%d):D store:c(1,9):F discount:f:N returned:b:N rating:l(5):S
600 patient_id:s(150,1):C visit:d(1,4):S arm:c(1,3):F centre:c(1,8):F bp:i(90,190):N responder:b:N n_episodes:p(1.5):N severity:c(1,4):F blood_group:w(A|B|AB|O):F
250 machine:c(1,5):F operator:c(1,4):F shift:c(1,3):F defects:p(2):N temperature:f:N speed_rpm:i(800,1600):N batch_no:s(25,100):C position:c(1,4):F cavity:c(1,8):F
"""

# Names to choose from stand between strokes.
INVENTED = """
96 plot:r:N block/Block/blk:x(4,24):F variety/cultivar/entry:x(12,2):F nitrogen/N_rate/fert:v(0|60|120):N yield/grain:f:N moisture:f:N heads/tillers:p(14):N
120 env/location/site:x(5,24):F rep/replicate:x(3,8):F geno/gen/hybrid:x(8,1):F height:g(180,20):N lodging/lodge:o(5):S yield/yld:f:N rust/score:l(9):N
80 tray:x(4,20):F row:x(4,5):S col/column:x(5,1):S treat/trt:d(1,5):F germinated/germ:p(16):N
48 animal/cow/ewe:x(12,4):F period/per:x(4,1):S diet/ration:d(1,4):F intake/dmi:f:N milk:f:N parity/lactation:p(2)@animal/cow/ewe:N
144 field:x(3,48):F strip:x(6,8):F sowing/seeding:w(early|mid|late):F weeds/n_weeds:p(6):N cover/pct_cover:g(40,15):N biomass:f:N
64 orchard/farm:x(4,16):F tree:x(16,1):F pruned:w(no|yes):F year/season:x(2,8):E fruits/fruit_n:p(80):N girth/diam:f:N damage:l(6):S
60-240 subject/subj/Participant:s(30,1):F session/day:d(1,4):S cond/condition/treatment:x(3,1):F rt/RT/latency:t(600):N errors/nerr:p(1.5):N correct/acc:b:N
80-300 pid/participant:r:E sex/gender:c(1,2):E age:g(34,11):N item1/bdi1/a1:l(4):S item2/bdi2/a2:l(4):S item3/bdi3/a3:l(4):S item4/bdi4/a4:l(4):S item5/bdi5/a5:l(4):S total/sum:g(20,6):N group/cohort:c(1,3):F
120 Ss/subject:x(20,6):F list/stimset:x(2,3):F delay:x(3,1):S recalled/words:p(7):N age/agegr:w(young|old)@Ss/subject:F
90-200 couple/dyad/pair:s(60,1):F partner/member:d(1,2):F satisfaction/sat:l(7):S conflict:l(7):S years/dur:t(9):N children/nkids:p(1.4):N
60-180 rater/judge:x(4,1):F essay/text:x(30,4):F score/mark:l(6):S words/length:t(300):N fluency:l(5):S
200 id/ID:r:E arm/trt/treat:c(1,3):F centre/center/clinic:c(1,9):F sex:c(1,2):E stage/grade:o(4):S ecog/ps:v(0|0|1|1|2|3):S age:g(61,10):N time/survtime:t(400):N status/dead/event:b:N nodes:p(2):N size:g(32,12):N
60-250 patient/ptid/case:s(45,101):F visit/visitno:d(1,5):S sbp/bp:g(132,15):N dbp:g(82,10):N hr/pulse:g(74,10):N drug/arm:c(1,2)@patient/ptid/case:F sev/severity:o(4):S weight/wt:f:N
100-400 race/ethnic:c(1,4):F smoke/smoker:b:N insurance/payer:c(1,5):F los/stay:t(4):N admits/visits:p(1.1):N cost/charge:t(5200):N comorb/charlson:p(1.6):N bmi:f:N ward/unit:c(1,6):F
72 lab/laboratory:x(6,12):F sample/material:x(4,3):F day:x(3,1):S result/assay:f:N analyst/tech:x(2,6):F dilution:v(1|2|4|8):N
150-500 hosp/hospital:s(18,1):F surgeon/doctor:c(1,14):F asa:o(4):S bleeding/ebl:t(250):N reop/complication:b:N duration/minutes:t(95):N teeth/n_units:p(2):N
80-300 firm/company:s(12,1):F year/yr:y(1986,2005):N invest/inv:f:N sales:f:N empl/employees:t(900):N industry/sector/sic2:c(1,8)@firm/company:F region/reg:c(1,4)@firm/company:F
200-600 wage/hrwage:f:N educ/school_yrs:g(12,2):N exper/experience:t(14):N occup/occ:c(1,9):F union/member:b:N numkids/kids6:p(0.8):N region:c(1,4):F marital/mstat:c(1,5):F hours/hrs:g(39,8):N industry/ind:c(1,12):F
60-160 country/state:x(20,6):F wave/period:x(6,1):S gdp/income:f:N trade/open:f:N regime/polity:c(1,3):F strikes/n_events:p(3):N growth:f:N
100-400 household/hh/hhid:s(70,1):F persno/member:d(1,4):S relation/relhead:c(1,6):F age:t(28):N educat/schlvl:o(6):E work/lfs:c(1,3):F rooms/nrooms:p(4):N expend/food:f:N
48-200 quarter/qtr:d(1,4):E year:e(1990,2003):N cpi/index:f:N unemp/rate:f:N starts/permits:t(1300):N dummy/policy:b:N
120-400 choice/mode/alt:c(1,4):F income/inc:g(35,15):N size/persons:p(2):N cars/autos:p(1.3):N purpose:c(1,5):F dist/km:t(12):N zone/taz:c(1,30):F
100-300 player:u:C team/club:w(Reds|Blues|Lions|Hawks|Bears|Wolves):F pos/position:c(1,5):F games/gp:g(60,15):N goals:p(7):N assists/ast:p(9):N season/yr:v(2011|2012|2013):N jersey/number/shirt:i(1,40):E salary:t(900):N
60-160 race/heat/event:s(14,1):F lane/post:d(1,8):N finish/place/rank:d(1,8):N time/split:f:N age:g(24,4):N weight/wt:g(70,9):N nation:w(KEN|USA|GBR|JAM|ETH):F
120-380 home/homegoals:p(1.5):N away/awaygoals:p(1.1):N round/week:e(1,30):N shots:p(12):N cards/yellow:p(2):N league/division:c(1,4):F attend/crowd:t(18000):N referee/ref:c(1,15):F
80-200 hole:d(1,18):N par:v(3|4|4|4|5):N strokes/shots:p(4):N golfer/player:s(10,1):F round/rd:d(1,4):S yards:g(390,60):N wind:f:N
60-240 site/station/loc:s(10,1):F quadrat/quad:d(1,6):F habitat/veg:c(1,4):F sp1/ants:p(4):N sp2/beetles:p(0.6):N sp3/spiders:p(2):N richness/nspp:p(6):N depth/litter:f:N ph/pH:f:N
80-240 transect/line:x(8,10):F point/station:x(10,1):N species/sp:c(1,7):F count/abund:p(2):N dist/distance:t(25):N observer/obs:c(1,3):F cloud/clouds:l(8):N temp:f:N
90-260 nest/box/brood:s(40,1):F egg/chick/order:d(1,5):S sex:w(f|m):F mass/wt:f:N mites/parasites:p(3):N colony/wood:c(1,5):F julian/laydate:g(128,9):N clutch/brsize:p(5):N
72 tank/aquarium:x(12,6):F fish/indiv:x(6,1):F dose/level:v(0|1|2|4):N length/len:f:N color/morph:c(1,3):F survival/alive:b:N
100-300 month/mon:e(1,12):N lake/pond:c(1,6):F gear/net:c(1,3):F catch/cpue:p(5):N year:v(1998|1999|2000|2001):N temp/sst:f:N ageclass/age:p(3):N fl/length:t(240):N
200-600 respid/caseid:r:E region/area:c(1,6):F religion/relig:c(1,7):F party/vote:c(1,5):F ideology/lr:l(7):S trust/trust_gov:l(5):S interest/polint:l(4):S age:g(47,15):N educ/edlevel:o(5):E income/inccat:l(9):N weight/wgt:f:N
150-500 q1:l(5):S q2:l(5):S q3:l(5):S q4:l(5):S q5:l(5):S sex:c(1,2):E dept/faculty:c(1,6):F yearstudy/study_year:o(4):S gpa:f:N job/status:c(1,4):F
100-400 store/shop/outlet:c(1,8):F promo/campaign:c(1,3):F week/wk:e(1,20):N units/sold:p(9):N price:f:N brand/product:c(1,5):F weekday/dow:d(1,7):F rating/stars:l(5):S
120-360 housing/tenure_type:c(1,4):F bedrooms/bed:p(2.7):N bathrooms/bath:v(1|1|2|2|3):N garage/cars:v(0|1|1|2|2|3):N heating/heat:c(1,5):F hood/district:c(1,9):F age:t(30):N price:t(210000):N storeys/floors:v(1|1|2|2|3):N quality/cond:l(10):N
200 commune/village:s(16,1):F caste/ethnie:c(1,5):F livestock/cattle:p(2):N land/acres:f:N school/educyr:p(5):N roof/wall:c(1,4):F hhsize/members:p(5):N
120-500 school/schid:s(20,101):F class/classroom:c(1,5):F pupil/child:r:E gender/sex:c(0,1):N ses:f:N math/score:g(50,10):N read/reading:g(50,10):N grade/gr:v(3|4|5):S lunch:c(1,3):F siblings/sibs:p(1.5):N
90-270 teacher/instructor:x(9,10):F method/curriculum:c(1,3)@teacher/instructor:F pretest/pre:g(22,5):N posttest/post:g(28,6):N hours/absent:p(3):N track/stream:c(1,3):F
80-320 student/stud:r:E course/section:c(1,4):F exam1/mid:g(70,12):N exam2/final:g(72,13):N homework/hw:p(8):N attempts/tries:p(1.6):N major/prog:c(1,7):F evaluation/eval:l(5):S year/yr:o(4):S
60-200 year/Year:y(1900,1990):N value/level:f:N rain/rainfall:f:N floods/storms:p(1.2):N max/peak:t(900):N
48-240 month/Month:d(1,12):N year/yr:e(1981,1990):N sales/passengers:t(350):N temp:f:N deaths/accidents:p(40):N season/seas:e(1,4):F
100-300 hour/hr:d(0,23):N day/wday:e(1,7):E load/demand:f:N temp:f:N holiday:b:N station/meter:c(1,4):F
60-160 t/time:r:N x/signal:f:N y/response:f:N shock:p(0.4):N lag1:f:N regime/state:c(1,2):F
36 run/stdorder:r:N A/catalyst:x(3,12):F B/temp:v(150|160|170):N C/operator:x(3,4):F D/press:d(1,2):F thick/resp:f:N defects/flaws:p(3):N
32 x1/speed:v(-1|1):E x2/feed:v(-1|1):E blk/block:x(2,16):F wear/y:f:N rough:f:N order/runorder:R:N
90 lot/batch:x(6,15):F wafer/piece:x(5,3):F pos/loc:d(1,3):F thick/resist:f:N particles/count:p(7):N
60-200 machine/press:c(1,4):F shift/crew:c(1,3):F tool/mould:c(1,8):F cycles/hours:t(800):N failures/stops:p(1):N temp:f:N grade/class:o(3):S
54 instrument/gauge:x(3,18):F part/specimen:x(9,2):F trial/repeat:d(1,2):S reading/meas:f:N
64-200 cyl/cylinders:v(4|4|6|6|8):N gears/gear:v(4|5|5|6):N doors/ndoor:v(2|3|4|4|5):N make/maker:c(1,12):F drive/wheel:c(1,3):F mpg/kml:f:N weight/wt:t(1500):N hp/power:t(120):N carb:v(1|2|2|3|4):N origin/import:c(1,3):F
100-300 sire/bull/father:s(15,1):F dam/mother:s(60,1):F sex:c(1,2):E litter/litsize:p(8):N bw/birthwt:f:N snp1/m1:v(0|1|1|2):S snp2/m2:v(0|0|1|2):S snp3/m3:v(0|1|2|2):S farm/herd:c(1,6):F
120-300 family/fam:s(50,1):F geno/genotype:c(1,3):F allele/repeats:g(17,3):N trait/pheno:f:N affected/aff:c(1,2):E generation/gener:o(3):S age:t(40):N
60-160 bird/rat/mouse:s(12,1):F day/week:e(0,8):N diet/food:c(1,3)@bird/rat/mouse:F weight/bw:g(240,40):N pups/young:p(5):N cage:s(6,1):F
80-240 taster/panelist:x(10,8):F sample/wine/product:x(8,1):F order/serving:d(1,8):N sweet/sweetness:l(9):N bitter:l(9):N liking/overall:l(9):N session/sess:x(2,4):F
80-200 source/vendor:c(1,6):F strength/psi:t(3000):N age/days:v(3|7|14|28|90):N type/cement:c(1,4):F cracks:p(2):N slump:f:N mix/recipe:c(1,5):F
60-200 volcano/crater:u:C type/shape:c(1,5):F elev/height:t(1400):N vei/mag:l(6):S eruptions/nerupt:p(3):N lat/latitude:f:N zone/plate:c(1,9):F
100-300 ship/vessel:c(1,5):F built/constr:v(60|65|70|75):N service/months:t(900):N damage/incidents:p(2):N route:c(1,4):F crew:p(12):N
100-300 policy/polno:r:E district/zone:c(1,4):F age:v(1|2|3|4):E carage/carg:p(4):N claims/nclaims:p(0.3):N group/cls:c(1,4):F holders/exposure:t(120):N bonus/ncd:v(0|1|2|3|4|5):N
100-250 blood/abo:w(A|B|AB|O):F tumor/site:c(1,6):F histol/cell:c(1,4):F gradeh/differ:o(3):S mets/lesions:p(1.3):N ki67:g(20,9):N er:b:N age:g(58,11):N trt/therapy:c(1,3):F
40-160 note:u:C sent:D(%d.%m.%Y):D paid/ok:B:L price/amount:M(€):N share/pct:M(%):N zip/plz:i(10115,99998):C code/sku:u:C when/start:D(%m/%d/%Y %H:%M):D likes/score:l(5):S
40-200 date/day:D(%Y-%m-%d):D open/o:f:N close/c:f:N vol/volume:t(90000):N ticker/sym:w(AAB|CCD|XYZ|QRS):F rating/grade:w(AAA|AA|A|BBB|BB):F split:v(1|1|1|1|2):N
60-200 agecat/agegrp:w(18-24|25-34|35-49|50-64|65+):F freq/often:w(never|rarely|sometimes|often|always):F agree/op:w(Strongly disagree|Disagree|Neutral|Agree|Strongly agree):F month/mo:w(Jan|Feb|Mar|Apr|May|Jun|Jul):F smoker/sm:w(yes|no|NA):L stage/st:w(I|II|III|IV):F degree/ed:w(none|primary|secondary|tertiary):F n/count:p(5):N
60-200 result/test:w(pos|neg):F consent/agreed:w(Y|N):L dob/birth:D(%d-%b-%y):D seen/t_in:D(%H:%M):D ward/w:w(W1|W2|W3|W12):F tel/phone:i(3000000000,7999999999):C dose/mg:M(mg):N remark/text:T:C gr/grade:w(A|B|C|D|F):F
"""


def tables(seed: int) -> Iterator[dict[str, tuple[list[str], str]]]:
    """Each table as column → its cells and the truth."""
    rng = np.random.default_rng(seed)
    for line in TABLES.strip().splitlines():
        size, columns = line.split(" ", 1)
        rows = min(int(size), 600)
        table = {}
        for name, law, truth in re.findall(r"(\S+?):(\w(?:\(.*?\))?):([NFLDCES])(?= |$)", columns):
            table[name] = cells(law, rows, rng), truth
        yield table


WORDED = ((0.1, 0.2), (0.6, 0.35), (0.97, 0.45))  # share of factors that an author writes in words; how many do so
COLUMN = re.compile(r"(\S+?):(\w(?:\(.*?\))?)(?:@(\S+?))?:([NFLDCES])(?= |$)")


def invented(seed: int, half: int) -> Iterator[tuple[bool, dict[str, tuple[list[str], str]]]]:
    """Each table of a half (0: looked at while rules are made; 1: only measured); and whether its names tell.

    Numbers depend on the columns before them: step by step on those that name, evenly on those that count.
    """
    for place, line in enumerate(INVENTED.strip().splitlines()):
        rng = np.random.default_rng((seed, place))
        if place % 2 == half:
            telling = bool(rng.integers(2))
            yield telling, _invented(line, telling, rng)


def _invented(line: str, telling: bool, rng: np.random.Generator) -> dict[str, tuple[list[str], str]]:
    size, columns = line.split(" ", 1)
    low, high = (int(each) for each in (size if "-" in size else f"{size}-{size}").split("-"))
    rows = int(rng.integers(low, high + 1))
    order = rng.permutation(rows) if rng.random() < 0.3 else np.arange(rows)
    called = _names(columns, telling, rng)
    worded = rng.choice([share for share, _ in WORDED], p=[authors for _, authors in WORDED])
    person = rng.normal(size=rows)  # what makes a row's answers and amounts alike
    pulls: list[np.ndarray] = []
    kept: dict[str, np.ndarray] = {}
    table: dict[str, tuple[list[str], str]] = {}
    for (known, law, whose, truth), name in zip(COLUMN.findall(columns), called, strict=True):
        if whose:
            groups = kept[whose]
            each = np.asarray(cells(law, int(groups.max()) + 1, rng), object)
            drawn = each[groups]
        elif law[0] in "fgtplo":
            drawn = _depending(law, person, pulls, rng)
        else:
            drawn = np.asarray(_told(law, rows, rng), object)
        if truth == "F" and law[0] in "cdexs" and rng.random() < worded:
            drawn = np.asarray([f"{law[0].upper()}{cell}" for cell in drawn], object)
        kept[known] = np.unique(drawn.astype(str), return_inverse=True)[1]
        pulls.append(_pull(drawn, kept[known], truth, rng))
        out = drawn if law in ("r",) else drawn[order]
        if rng.random() < 0.15 and law[0] not in "rs":
            out = np.where(rng.random(rows) < 0.06, str(rng.choice(["", "NA"])), out)
        table[name] = [str(cell) for cell in out], truth
    return table


def _names(columns: str, telling: bool, rng: np.random.Generator) -> list[str]:
    alternatives = [found[0].split("/") for found in COLUMN.findall(columns)]
    if telling:
        write = (str, str.upper, str.capitalize, str)[rng.integers(4)]
        return [write(str(rng.choice(each))) for each in alternatives]
    count = len(alternatives)
    letters = rng.permutation(list("abcdefghijklmnopqrsuvwxz"))
    ways = (
        [f"V{i + 1}" for i in range(count)],
        [f"x{i + 1}" for i in range(count)],
        [f"var_{letter}" for letter in letters[:count]],
        [str(letter).upper() for letter in letters[:count]],
        ["".join(rng.choice(list("bcdfgklmprstvz"), 3)) + str(i) * int(rng.integers(2)) for i in range(count)],
    )
    return ways[rng.integers(len(ways))]


def _pull(drawn: np.ndarray, groups: np.ndarray, truth: str, rng: np.random.Generator) -> np.ndarray:
    """What a column does to the numbers after it, in units of their noise."""
    strength = float(rng.choice([0.0, 0.3, 0.8]))
    if truth in "FC" and groups.max() < len(groups) / 1.5:
        return np.asarray(rng.normal(size=int(groups.max()) + 1)[groups] * strength)
    if truth not in "NES":
        return np.zeros(len(drawn))
    amounts = np.asarray([float(re.sub(r"[^0-9.-]", "", str(cell)) or 0) for cell in drawn])
    steps = (amounts - amounts.mean()) / (amounts.std() + 1e-9)
    return np.asarray(float(rng.choice([-1, 1])) * strength * (steps + float(rng.choice([0, 0.3])) * steps**2))


def _depending(law: str, person: np.ndarray, pulls: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    some = [pull for pull in pulls if rng.random() < 0.6]
    noise = rng.normal(size=len(person)) + float(rng.choice([0.0, 0.5, 1.0])) * person
    score = noise + sum(some, np.zeros(len(person)))
    score = (score - score.mean()) / (score.std() + 1e-9)
    what, inside = law[0], [float(each) for each in re.findall(r"[\d.]+", law)]
    if what == "f":
        return np.asarray([f"{value:.2f}" for value in float(rng.uniform(1, 30)) * np.exp(0.3 * score)], object)
    if what == "g":
        whole = np.round(inside[0] + inside[1] * score)
    elif what == "t":
        whole = np.round(inside[0] * np.exp(0.7 * score))
    elif what == "p":
        whole = rng.poisson(inside[0] * np.exp(0.4 * score - 0.08))
    elif what == "l":
        top = inside[0]
        whole = np.clip(np.round(top * rng.uniform(0.4, 0.75) + 0.5 + top / 4.5 * score), 1, top)
    else:  # o
        bounds = np.cumsum(np.linspace(1.6, 0.8, int(inside[0])) * rng.uniform(0.6, 1.4, int(inside[0])))
        ranks = (np.argsort(np.argsort(score)) + 0.5) / len(score)
        whole = 1 + np.searchsorted(bounds / bounds[-1], ranks)
    return whole.astype(int).astype(str).astype(object)


def _told(law: str, rows: int, rng: np.random.Generator) -> list[str]:
    """Cells of the laws that only invented tables use, or of one that all do."""
    inside = law[2:-1]
    if law[0] == "x":
        many, each = (int(number) for number in inside.split(","))
        return [str(1 + i // each % many) for i in range(rows)]
    if law[0] == "R":
        return [str(rank) for rank in rng.permutation(rows) + 1]
    if law[0] == "M":
        amounts = rng.gamma(3.0, 20.0, rows)
        return [f"€{value:,.2f}" if inside == "€" else f"{value:.1f} {inside}" for value in amounts]
    if law[0] == "T":
        words = ["no", "pain", "since", "walk", "was", "better", "after", "the", "night", "seen", "again"]
        return [" ".join(rng.choice(words, rng.integers(4, 9))) for _ in range(rows)]
    return cells(law, rows, rng)


def cells(law: str, rows: int, rng: np.random.Generator) -> list[str]:
    """Cells drawn by a law."""
    what, inside = law[0], law[2:-1]
    if what in "wv":
        choices = inside.split("|")
        weights = rng.dirichlet(np.full(len(choices), 4.0)) if what == "w" else None
        return list(rng.choice(choices, rows, p=weights))
    if what == "D":
        days = np.datetime64("1995-01-01T08:30:00") + rng.integers(0, 300_000_000, rows).astype("timedelta64[s]")
        return [day.strftime(inside) for day in days.astype(object)]
    if what == "u":
        return [f"{a}{b}{i}" for i, (a, b) in enumerate(zip(*_letters(rows, rng), strict=True))]
    if what == "f":
        return [f"{value:.2f}" for value in rng.gamma(4.0, float(rng.uniform(0.5, 30)), rows)]
    if what in "bB":
        return list(rng.choice(["0", "1"] if what == "b" else ["FALSE", "TRUE"], rows, p=_share(rng)))
    return [str(value) for value in _whole(what, inside, rows, rng)]


def _whole(what: str, inside: str, rows: int, rng: np.random.Generator) -> np.ndarray:
    first, last = ([float(number) for number in inside.split(",")] + [0.0])[:2] if inside else (0.0, 0.0)
    low, high = int(first), int(last)
    if what == "r":
        return np.arange(1, rows + 1)
    if what == "p":
        return rng.poisson(first * rng.gamma(3.0, 1 / 3, rows))
    if what == "l":
        return np.clip(np.round(rng.normal(low * rng.uniform(0.4, 0.75), low / 4, rows)), 1, low).astype(int)
    if what == "s":
        numbers = high + np.sort(rng.choice(max(3 * low // 2, low), low, replace=False))
        return np.sort(rng.choice(numbers, rows))
    if what == "i":
        return rng.integers(low, high + 1, rows)
    if what == "c":
        return low + rng.choice(high - low + 1, rows, p=rng.dirichlet(np.full(high - low + 1, 3.0)))
    each = high - low + 1
    if what == "d":
        return low + np.arange(rows) % each
    return low + np.arange(rows) * each // rows if what == "e" else np.sort(rng.integers(low, high + 1, rows))


def _letters(rows: int, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    return list(rng.choice(list("ABCDEFGHKLMNPRST"), rows)), list(rng.choice(["ona", "ird", "esk", "ulo"], rows))


def _share(rng: np.random.Generator) -> list[float]:
    share = float(rng.uniform(0.1, 0.9))
    return [share, 1 - share]
