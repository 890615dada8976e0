// The parts of Apache ECharts that the page draws with: how to build it is in README.md.
import * as core from "echarts/core";
import { BarChart, CustomChart, LineChart, ScatterChart, SunburstChart } from "echarts/charts";
import { AriaComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { SVGRenderer } from "echarts/renderers";

core.use([BarChart, CustomChart, LineChart, ScatterChart, SunburstChart, AriaComponent, GridComponent, MarkAreaComponent, MarkLineComponent, TooltipComponent, SVGRenderer]);

export const init = core.init;
