var u={format:"oauth-playground-run",version:1};function p({events:r,...e}){return`${JSON.stringify({...e,events:[]}).slice(0,-2)}
${r.map(n=>JSON.stringify(n)).join(`,
`)}
]}
`}async function g(r,e){let n=Uint8Array.from(atob(r.replaceAll("-","+").replaceAll("_","/")),t=>t.charCodeAt(0));return c(new Blob([n]).stream().pipeThrough(new DecompressionStream("gzip")),e)}async function c(r,e){let n=r.getReader(),t=[],o=0;for(;;){let{done:a,value:l}=await n.read();if(a)break;if(t.push(l),o+=l.length,o>e){await n.cancel();break}}let s=new Uint8Array(Math.min(o,e+1)),i=0;for(let a of t)s.set(a.subarray(0,s.length-i),i),i+=a.length;return s}export{u as a,p as b,g as c,c as d};
