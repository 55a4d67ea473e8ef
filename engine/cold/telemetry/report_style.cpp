// How the page looks. Colours are chosen to differ in lightness as well as in hue, and no meaning rests on colour alone.
#include "engine/cold/telemetry/report_parts.hpp"

namespace martinet::report {
namespace {

constexpr std::string_view kStyle = R"css(
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1a2029;--soft:#5b6675;--line:#e1e5ea;--grid:#e9ecf0;
--accent:#1f5fae;--accent-soft:#1f5fae1f;--price:#66717f;--gain:#0a7a5c;--loss:#c2410c;--loss-soft:#c2410c26;--warn-bg:#fff6e0;
--warn-line:#e8c66a}
@media (prefers-color-scheme:dark){:root{--bg:#0f1318;--card:#171c23;--ink:#e4e8ee;--soft:#97a3b3;--line:#2a323c;--grid:#232a33;
--accent:#74aef5;--accent-soft:#74aef52b;--price:#8995a4;--gain:#3cc79b;--loss:#fb8c5a;--loss-soft:#fb8c5a30;--warn-bg:#2b2414;
--warn-line:#6d5a24}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
font-variant-numeric:tabular-nums}
main{max-width:1120px;margin:0 auto;padding:32px 24px 48px}
header{margin-bottom:24px}
.mark{font-size:13px;font-weight:600;letter-spacing:.08em;text-transform:uppercase;color:var(--accent)}
h1{font-size:28px;line-height:1.2;font-weight:650;letter-spacing:-.01em;margin:4px 0 6px;overflow-wrap:anywhere}
.when{color:var(--soft);margin:0 0 20px}
h2{font-size:17px;font-weight:650;margin:0 0 4px}
h3{font-size:14px;font-weight:600;margin:20px 0 8px}
.note{color:var(--soft);font-size:13px;margin:0 0 14px}
dl{display:grid;grid-template-columns:repeat(auto-fit,minmax(240px,1fr));gap:12px 28px;margin:0}
dt{font-size:12px;color:var(--soft)}
dd{margin:0;font-size:14px;overflow-wrap:anywhere}
dl .wide{grid-column:1/-1}
code{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
section{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:20px 24px 22px;margin:0 0 18px}
.warnings{background:var(--warn-bg);border-color:var(--warn-line)}
.warnings ul{margin:6px 0 0;padding-left:20px}
.warnings li{overflow-wrap:anywhere}
.tiles{display:grid;grid-template-columns:repeat(5,1fr);gap:12px;margin:0 0 18px}
.tile{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:14px 16px;min-width:0}
.tile .name{font-size:12px;color:var(--soft)}
.tile .value{font-size:22px;line-height:1.3;font-weight:600;letter-spacing:-.01em;white-space:nowrap}
.tile .value.long{font-size:18px;line-height:1.59}
.tile .more{font-size:12px;color:var(--soft)}
.gain{color:var(--gain)}.loss{color:var(--loss)}
.plot{display:grid;grid-template-columns:var(--gutter) minmax(0,1fr);margin:0 10px 0 0;font-size:12px;color:var(--soft)}
.plot .rows{position:relative}
.plot .rows span{position:absolute;right:10px;transform:translateY(-50%);white-space:nowrap;line-height:1}
.plot .columns{grid-column:2;position:relative;height:38px}
.plot .columns span{position:absolute;top:7px;transform:translateX(-50%);white-space:nowrap;text-align:center;line-height:1.3}
.canvas{display:block;width:100%;overflow:visible}
.canvas svg{overflow:visible}
.grid line{stroke:var(--grid);stroke-width:1;shape-rendering:crispEdges}
.grid line.base{stroke:var(--line)}
polyline,polygon{vector-effect:non-scaling-stroke}
.curve{fill:none;stroke:var(--accent);stroke-width:1.75;stroke-linejoin:round}
.under{fill:var(--accent-soft);stroke:none}
.start{stroke:var(--soft);stroke-width:1;stroke-dasharray:2 4}
.fall{fill:var(--loss-soft);stroke:none}
.fall-edge{fill:none;stroke:var(--loss);stroke-width:1.25;stroke-linejoin:round}
.price{fill:none;stroke:var(--price);stroke-width:1.1;stroke-linejoin:round}
.dot{fill:var(--accent)}
.link{stroke-width:1.25;opacity:.75}.link.gain{stroke:var(--gain)}.link.loss,.link.even{stroke:var(--loss);stroke-dasharray:4 3}
.entry{fill:var(--accent);stroke:var(--card);stroke-width:1}
.exit-gain{fill:var(--gain);stroke:var(--card);stroke-width:1}
.exit-loss{fill:none;stroke:var(--loss);stroke-width:2.4;stroke-linecap:round}
.partial{fill:var(--card);stroke:var(--soft);stroke-width:1.5}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:12px;color:var(--soft);margin:6px 0 0;padding:0;list-style:none}
.legend svg{width:14px;height:14px;overflow:visible;vertical-align:-2px;margin-right:4px}
.bar{fill:var(--accent);opacity:.85}
.quantile{stroke:var(--ink);stroke-width:1;stroke-dasharray:3 3}.quantile-name{fill:var(--ink);font-size:11px;paint-order:stroke;
stroke:var(--card);stroke-width:3px;stroke-linejoin:round}
.scroll{overflow-x:auto;margin:0 -24px;padding:0 24px;-webkit-overflow-scrolling:touch}
.scroll.tall{max-height:72vh;overflow-y:auto;padding:0}
table{border-collapse:collapse;width:100%;font-size:13px}
th,td{padding:6px 10px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--grid)}
th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
th{font-weight:600;font-size:12px;color:var(--soft);border-bottom-color:var(--line)}
.tall th{position:sticky;top:0;background:var(--card);box-shadow:inset 0 -1px var(--line);z-index:1}
.tall th:first-child,.tall td:first-child{padding-left:24px}.tall th:last-child,.tall td:last-child{padding-right:24px}
.left{text-align:left}
tbody tr:last-child td{border-bottom:0}
.tall tbody tr:hover td{background:var(--accent-soft)}
td.offence{color:var(--loss);font-weight:600}
.zero{color:var(--soft)}
.shares{display:grid;grid-template-columns:max-content minmax(60px,1fr) max-content max-content;gap:7px 14px;align-items:center;
font-size:13px;grid-auto-flow:row dense}
.shares .name{grid-column:1}.shares .track{grid-column:2}.shares .number{grid-column:3}.shares .part{grid-column:4}
.shares .track{height:14px}.shares .track i{display:block;height:100%;min-width:2px;border-radius:2px;background:var(--accent)}
.shares .track i.other{background:var(--price)}
.shares .number{text-align:right}
.shares .part{text-align:right;color:var(--soft)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 40px}
.empty{color:var(--soft);margin:6px 0 0}
footer{color:var(--soft);font-size:12px;margin-top:24px;overflow-wrap:anywhere}
.defs{position:absolute;width:0;height:0}
#probe{position:fixed;display:none;pointer-events:none;background:var(--ink);color:var(--bg);font-size:12px;line-height:1.35;
padding:4px 8px;border-radius:5px;z-index:2;white-space:nowrap}
.hair{stroke:var(--soft);stroke-width:1;visibility:hidden}
@media (max-width:900px){.tile .value{font-size:18px}.tile .value.long{font-size:16px;line-height:1.46}}
@media (max-width:780px){.tiles{grid-template-columns:1fr 1fr}}
@media (max-width:640px){main{padding:20px 12px 32px}section{padding:16px 14px 18px}.tiles{grid-template-columns:1fr 1fr;gap:8px}
.tile{padding:10px 12px}
.tile .value{font-size:18px}.tile .value.long{font-size:16px;line-height:1.46}h1{font-size:22px}.scroll{margin:0 -14px;padding:0 14px}
.scroll.tall{padding:0}.pair{grid-template-columns:1fr}
.plot .columns .odd{display:none}.tall th:first-child,.tall td:first-child{padding-left:14px}th,td{padding:6px 9px}
.shares{grid-template-columns:minmax(0,1fr) max-content max-content;gap:2px 12px}.shares .name{overflow-wrap:anywhere}
.shares .number{grid-column:2}.shares .part{grid-column:3}.shares .track{grid-column:1/-1;height:8px;margin-bottom:8px}}
@media print{:root{color-scheme:light;--warn-bg:#fff6e0;--warn-line:#e8c66a;--bg:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;
--grid:#ddd;--accent:#1f5fae;--accent-soft:#1f5fae1f;--price:#555;
--gain:#0a7a5c;--loss:#c2410c;--loss-soft:#c2410c26}
body{font-size:11px}.tiles{grid-template-columns:repeat(5,1fr);gap:8px}.tile{padding:8px 10px}.tile .value{font-size:16px}
.tile .value.long{font-size:13px}main{max-width:none;padding:0}section,.tile{break-inside:avoid;border-radius:0}
section.long{break-inside:auto}
.scroll.tall{max-height:none;overflow:visible}.tall th{position:static}table{font-size:9px}th,td{padding:3px 5px}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}}
)css";

// Reads a value off a curve under the pointer. The page is complete without it.
constexpr std::string_view kScript = R"js(
(function(){
var probe=document.getElementById('probe');
document.querySelectorAll('svg[data-time]').forEach(function(svg){
var t=svg.dataset.time.split(',').map(Number),v=svg.dataset.value.split(',').map(Number),points=svg.querySelector('polyline').points,hair=svg.querySelector('.hair');
if(!points.length)return;
svg.addEventListener('pointermove',function(e){
var box=svg.getBoundingClientRect(),x=(e.clientX-box.left)/box.width*1000,a=0,b=points.numberOfItems-1;
while(a<b){var m=(a+b)>>1;if(points.getItem(m).x<x)a=m+1;else b=m;}
if(a>0&&x-points.getItem(a-1).x<points.getItem(a).x-x)a--;
var p=points.getItem(a),value=v[0]+(1-p.y/1000)*(v[1]-v[0]),when=new Date(t[0]+p.x/1000*(t[1]-t[0]));
probe.textContent=when.toISOString().replace('T',' ').slice(0,19)+'  '+value.toLocaleString('en-US',{minimumFractionDigits:v[2],maximumFractionDigits:v[2]})+svg.dataset.unit;
probe.style.display='block';
probe.style.left=Math.min(e.clientX+14,innerWidth-probe.offsetWidth-8)+'px';probe.style.top=(e.clientY-34)+'px';
hair.setAttribute('x1',p.x/10+'%');hair.setAttribute('x2',p.x/10+'%');hair.style.visibility='visible';});
svg.addEventListener('pointerleave',function(){probe.style.display='none';hair.style.visibility='hidden';});
});
})();
)js";

}  // namespace

void add_style(std::string& out) { ((out += "<style>") += kStyle) += "</style>\n"; }
void add_script(std::string& out) { ((out += "<div id=\"probe\"></div>\n<script>") += kScript) += "</script>\n"; }

}  // namespace martinet::report
